import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { wipe } from '../crypto/wipe.ts';
import { KEYHOLD_RP_ID } from '../fido/rp-id.ts';
import type { NewFactor } from '../hsm/protocol.ts';
import { askHmacSecret } from '../security-keys/hmac-secret.ts';
import { endPinUv } from '../security-keys/pin-uv-session.ts';
import type { KeyUse } from '../security-keys/prompts.ts';
import { pickDevice } from '../security-keys/security-keys.ts';
import { askYubikey, yubikeySerial } from '../security-keys/yubikey.ts';
import { slotInfo } from '../vault/slot-descriptor.ts';
import { requireSecret } from './authorize.ts';
import type { CallContext, Handler } from './handler.ts';
import { credentialIn } from './mfa-enroll.ts';

type SlotKey = Input<'slot.addKey'>['key'];

const SALT_BYTES = 32;
const CHALLENGE_BYTES = 32;

/** A factor that the key has answered for already, and how to forget the answer. */
interface Answered {
  factor: NewFactor;
  end(): Promise<void>;
}

/** The key answers now to what the slot will always ask it: a slot that does not open is never made. */
export const slotAddKey: Handler<'slot.addKey'> = async (call, { label, key, password, alone, authorize }) => {
  const { core, actor, connection } = call;
  const session = core.session();
  if (key.kind === 'yubikey-hmac-sha1' && password === undefined && alone !== true) {
    throw new KeyholdError(
      'InvalidInput',
      'A YubiKey’s challenge-response asks nobody who they are: whoever holds the key gets in. Add a password to it, or say that it shall do alone.',
    );
  }
  await requireSecret(call, authorize);
  const kdf = password === undefined ? undefined : await core.lifecycle.kdf();
  const answered = await core.securityKeys.run('slot', connection, (use) =>
    ask(call, use, key, password === undefined),
  );
  try {
    const createdAt = core.ports.clock.now();
    const known: NewFactor[] =
      password === undefined || kdf === undefined ? [] : [{ factor: 'password', sealed: password, kdf }];
    const id = Buffer.from(core.ports.random.bytes(8)).toString('hex');
    return await session.write(actor, async (draft) => {
      const factors = [...known, answered.factor];
      const { slot } = await session.hsm.call('makeKeySlot', { id, label, createdAt, factors });
      const info = slotInfo(slot.descriptor);
      if (info === null) throw new KeyholdError('Internal', 'The new slot has an unknown form. Check the slots.');
      draft.slots = [...session.vault.slots(), slot];
      draft.record('slot.add', label, { reason: info.factors.join(' and ') });
      return () => {
        core.emit({ type: 'changed', what: ['slots', 'securityKeys'] });
        return info;
      };
    });
  } finally {
    await answered.end();
  }
};

function ask(call: CallContext, use: KeyUse, key: SlotKey, alone: boolean): Promise<Answered> {
  return key.kind === 'fido2' ? askFido2(call, use, key, alone) : askOtp(call, use, key);
}

async function askFido2(
  { core }: CallContext,
  use: KeyUse,
  { name, device: id, pin }: Extract<SlotKey, { kind: 'fido2' }>,
  alone: boolean,
): Promise<Answered> {
  const { securityKeys, ports } = core;
  const session = core.session();
  const known = (await session.need('securityKey')).byName('securityKey', name);
  if (!known.value.hmacSecret) {
    throw new KeyholdError(
      'DeviceUnsupported',
      `${known.value.name} cannot keep a secret for the vault (hmac-secret). Use another security key.`,
    );
  }
  if (alone && !known.value.uv) {
    throw new KeyholdError(
      'InvalidInput',
      `${known.value.name} was enrolled for a touch alone: whoever holds it would get in. Add a password to it, or enrol it with its PIN.`,
    );
  }
  const { credentialId, publicKey, uv } = credentialIn(known);
  const salt = ports.random.bytes(SALT_BYTES);
  const device = await pickDevice(securityKeys, use, { id, kind: 'fido' });
  const question = { rpId: KEYHOLD_RP_ID, credentialId, salt, uv };
  const sealing = pin === undefined ? {} : { pin };
  const answer = await askHmacSecret(securityKeys, session.hsm, use, device, question, sealing);
  return {
    factor: { factor: 'fido2', ...question, publicKey, ...answer },
    end: () => endPinUv(securityKeys, session.hsm, answer.handle),
  };
}

async function askOtp(
  { core }: CallContext,
  use: KeyUse,
  { device: id, otpSlot }: Extract<SlotKey, { kind: 'yubikey-hmac-sha1' }>,
): Promise<Answered> {
  const { securityKeys, ports } = core;
  const device = await pickDevice(securityKeys, use, { id, kind: 'otp' });
  const serial = await yubikeySerial(securityKeys, use, device);
  const challenge = ports.random.bytes(CHALLENGE_BYTES);
  const response = await askYubikey(securityKeys, use, device, { otpSlot, challenge });
  return {
    factor: { factor: 'yubikey-hmac-sha1', serial, otpSlot, challenge, response },
    end: async () => wipe(response),
  };
}
