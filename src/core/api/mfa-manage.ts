import { KeyholdError } from '../../contract/errors.ts';
import { fromHex } from '../crypto/bytes.ts';
import { makeEvent } from '../draft.ts';
import { allGates } from '../gates/all-gates.ts';
import { refuseLastKey } from '../gates/last-key.ts';
import { credentialBytes } from '../security-keys/credential-id.ts';
import { listCredentials, removeCredential } from '../security-keys/device-credentials.ts';
import { readInfo } from '../security-keys/device-info.ts';
import { giveNewPin } from '../security-keys/device-pin.ts';
import { type PluggedIn, viewDevice } from '../security-keys/devices.ts';
import { type ResetGuard, resetKey } from '../security-keys/reset-key.ts';
import { pickDevice } from '../security-keys/security-keys.ts';
import type { CallContext, Handlers } from './handler.ts';

/** What is done to a device itself: the vault may be locked. */
export const mfaManageHandlers: Handlers<
  'mfa.info' | 'mfa.setPin' | 'mfa.changePin' | 'mfa.credentials' | 'mfa.removeCredential' | 'mfa.reset'
> = {
  'mfa.info': ({ core, connection }, { device: id, kind }) =>
    core.securityKeys.run('manage', connection, async (use) => {
      const device = await pickDevice(core.securityKeys, use, {
        id,
        ...(kind === undefined ? {} : { kind }),
        wait: false,
      });
      return { device: viewDevice(device), info: await readInfo(core.securityKeys, use, device) };
    }),

  'mfa.setPin': async (call, { device, pin }) => {
    await newPin(call, device, { pin });
    return {};
  },

  'mfa.changePin': async (call, { device, pin, current }) => {
    await newPin(call, device, { pin, current });
    return {};
  },

  'mfa.credentials': ({ core, connection }, { device: id, pin }) =>
    core.securityKeys.run('manage', connection, async (use) => {
      const { securityKeys, lifecycle } = core;
      const device = await pickDevice(securityKeys, use, { id, kind: 'fido' });
      const sealing = pin === undefined ? {} : { pin };
      const found = await listCredentials(securityKeys, lifecycle.hsm(), use, device, sealing);
      return { device: viewDevice(device), ...found };
    }),

  'mfa.removeCredential': async (call, { device: id, pin, credentialId }) => {
    const { core, connection } = call;
    const bytes = idBytes(credentialId);
    await core.securityKeys.run('manage', connection, async (use) => {
      const { securityKeys, lifecycle } = core;
      const device = await pickDevice(securityKeys, use, { id, kind: 'fido' });
      const sealing = pin === undefined ? {} : { pin };
      await removeCredential(securityKeys, lifecycle.hsm(), use, device, sealing, bytes);
      note(call, 'mfa.credential.remove', device, `credential ${credentialId}`);
    });
    return {};
  },

  'mfa.reset': async (call, { device: id, confirm }) => {
    const { core, connection } = call;
    await core.securityKeys.run('reset', connection, async (use) => {
      const device = await pickDevice(core.securityKeys, use, { id, kind: 'fido' });
      if (confirm !== device.name) {
        throw new KeyholdError('InvalidInput', `Type the name of the device, ${device.name}, to erase it.`);
      }
      await resetKey(core.securityKeys, use, device, await guardOf(call, device));
      note(call, 'mfa.reset', device);
    });
    core.emit({ type: 'changed', what: ['devices'] });
    return {};
  },
};

/** What the locked vault has gates before, nobody can read: a reset then looks at the ways in alone. */
async function guardOf({ core }: CallContext, { name }: PluggedIn): Promise<ResetGuard> {
  const slots = core.lifecycle.openedVault()?.slots() ?? [];
  if (core.lifecycle.state() !== 'unlocked') return { slots, enrolled: [], refuse: () => undefined };
  const session = core.session();
  const gated = await allGates(session);
  const { things } = session;
  const enrolled = things.all('securityKey').map(credentialBytes);
  return { slots, enrolled, refuse: (held) => refuseLastKey(things, gated, { lost: held, device: name }) };
}

async function newPin(
  call: CallContext,
  id: string | undefined,
  pins: Parameters<typeof giveNewPin>[4],
): Promise<void> {
  const { core, connection } = call;
  await core.securityKeys.run('manage', connection, async (use) => {
    const device = await pickDevice(core.securityKeys, use, { id, kind: 'fido' });
    await giveNewPin(core.securityKeys, core.lifecycle.hsm(), use, device, pins);
    note(call, 'mfa.pin', device, pins.current === undefined ? 'the first PIN' : 'another PIN');
  });
}

/** Before there is a vault, nobody keeps a log. */
function note({ core, actor }: CallContext, action: string, { name }: PluggedIn, reason?: string): void {
  const audit = core.lifecycle.audit();
  if (audit === null) return;
  const event = makeEvent(core.ports, {
    ...{ action, actor, target: name },
    ...(reason === undefined ? {} : { reason }),
  });
  audit.record(event);
  core.emit({ type: 'audit', event });
}

function idBytes(hex: string): Uint8Array {
  try {
    return fromHex(hex);
  } catch {
    throw new KeyholdError('InvalidInput', 'A credential id is hex digits, as the list of credentials shows it.');
  }
}
