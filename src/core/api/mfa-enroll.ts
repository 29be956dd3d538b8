import { KeyholdError } from '../../contract/errors.ts';
import { fromBase64, toBase64 } from '../crypto/bytes.ts';
import { hexId } from '../draft.ts';
import { enrolForGates, refuseEnrolment } from '../gates/admit-change.ts';
import { credentialBytes } from '../security-keys/credential-id.ts';
import { type PluggedIn, viewDevice } from '../security-keys/devices.ts';
import type { Sealing } from '../security-keys/hmac-secret.ts';
import { makeKey } from '../security-keys/make-key.ts';
import type { KeyUse } from '../security-keys/prompts.ts';
import { pickDevice } from '../security-keys/security-keys.ts';
import { testKey, testTouch } from '../security-keys/test-key.ts';
import { testYubikey } from '../security-keys/yubikey.ts';
import type { Found } from '../things.ts';
import { requireSecret } from './authorize.ts';
import type { CallContext, Handlers } from './handler.ts';
import { credentialOf, viewSecurityKey } from './mfa-keys.ts';

export const mfaEnrollHandlers: Handlers<'mfa.enroll' | 'mfa.test'> = {
  /** Who may enrol a key may open what any key opens: the owner says first that it is they. */
  'mfa.enroll': async (call, { name, device: id, pin, userVerification, authorize }) => {
    const { core, actor, connection } = call;
    const { securityKeys } = core;
    const session = core.session();
    const things = await session.need('securityKey');
    things.assertFree('securityKey', name);
    await requireSecret(call, authorize);
    await refuseEnrolment(session, authorize);
    const { made, model } = await securityKeys.run('enroll', connection, async (use) => {
      const device = await pickDevice(securityKeys, use, { id, kind: 'fido' });
      const exclude = things.all('securityKey').map(credentialBytes);
      const sealed = pin === undefined ? {} : { pin };
      const request = { name, userVerification, exclude, ...sealed };
      return { made: await makeKey(securityKeys, session.hsm, use, device, request), model: device.name };
    });
    const createdAt = core.ports.clock.now();
    const forGates = { authenticatorData: made.authData, label: name, createdAt };
    const object = await enrolForGates(session, forGates, authorize);
    const recordId = hexId(core.ports);
    const value = {
      ...{ name, kind: made.kind, aaguid: made.aaguid, model, attestation: made.attestation },
      credentialId: toBase64(made.credentialId),
      publicKey: toBase64(made.publicKey),
      ...{ uv: made.uv, hmacSecret: made.hmacSecret, signCount: made.signCount },
      ...(made.alwaysPin ? { alwaysPin: true as const } : {}),
      createdAt,
      object: { id: object.id },
    };
    return session.write(
      actor,
      (draft) => {
        things.assertFree('securityKey', name);
        draft.putObject(object.id, 1, object.blob);
        draft.put('securityKey', recordId, value);
        draft.record('mfa.enroll', name, { reason: credentialOf({ id: recordId, value }) });
        return () => viewSecurityKey(session, { id: recordId, value });
      },
      ['securityKey'],
    );
  },

  'mfa.test': async (call, { name, device: id, pin, otpSlot }) => {
    const { core, connection } = call;
    const { securityKeys, ports } = core;
    const known = name === undefined ? undefined : await knownKey(call, name);
    const started = ports.clock.monotonic();
    const kind = known === undefined && otpSlot !== undefined ? ('otp' as const) : ('fido' as const);
    const tested = await securityKeys.run('test', connection, async (use) => {
      const device = await pickDevice(securityKeys, use, { id, ...(id === undefined || known ? { kind } : {}) });
      if (device.kind === 'otp') {
        await testYubikey(securityKeys, use, device, otpSlot ?? 2);
        return { device, message: `Slot ${otpSlot ?? 2} of ${device.name} answers.`, userVerified: false };
      }
      if (known === undefined) {
        await testTouch(securityKeys, use, device);
        return { device, message: `${device.name} answers.`, userVerified: false };
      }
      const sealing = pin === undefined ? {} : { pin };
      const answer = await testKnown(call, use, device, known, sealing);
      const how = answer.userVerified
        ? 'it verified its person, and what it signed is right'
        : 'what it signed is right';
      return { device, message: `${known.value.name} was touched; ${how}.`, userVerified: answer.userVerified };
    });
    const { device, message, userVerified } = tested;
    const milliseconds = Math.round(ports.clock.monotonic() - started);
    return { device: viewDevice(device), message, userVerified, milliseconds };
  },
};

async function knownKey({ core }: CallContext, name: string): Promise<Found<'securityKey'>> {
  const things = await core.session().need('securityKey');
  return things.byName('securityKey', name);
}

async function testKnown(
  { core }: CallContext,
  use: KeyUse,
  device: PluggedIn,
  record: Found<'securityKey'>,
  sealing: Sealing,
): Promise<{ userVerified: boolean }> {
  const session = core.session();
  const { name, uv, object } = record.value;
  const [sealed] = object === undefined ? [] : session.vault.objectRecords([object.id]);
  if (object === undefined || sealed === undefined) {
    throw new KeyholdError('InvalidInput', `${name} was enrolled for unlocking alone. Enrol it once more.`);
  }
  const known = { credentialId: credentialBytes(record), uv, object: sealed };
  const taken = await testKey(core.securityKeys, session.hsm, use, device, known, sealing);
  session.touches.noteUse({ record, object: object.id }, taken, core.ports.clock.now());
  await session.touches.flush(session);
  return taken;
}

export function credentialIn(key: Found<'securityKey'>) {
  const publicKey = fromBase64(key.value.publicKey);
  if (publicKey === null) {
    throw new KeyholdError('VaultCorrupt', `The security key ${key.value.name} has no public key. Restore a backup.`);
  }
  return { credentialId: credentialBytes(key), publicKey, uv: key.value.uv };
}
