import { KeyholdError } from '../../contract/errors.ts';
import { type CtapHid, type ExchangeOptions, openCtapHid } from '../fido/ctaphid.ts';
import { type AuthenticatorInfo, getInfo } from '../fido/get-info.ts';
import type { PluggedIn } from './devices.ts';
import type { KeyUse, Purpose } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';
import { withDevice } from './with-device.ts';

/** A FIDO device that is open. */
export interface FidoKey {
  device: PluggedIn;
  channel: CtapHid;
  /** Null for one of U2F alone. */
  info: AuthenticatorInfo | null;
}

const WHAT_FOR: Readonly<Record<Purpose, string>> = {
  unlock: 'to unlock the vault',
  authorize: 'to prove that it is you',
  enroll: 'to enrol it',
  slot: 'to let it open the vault',
  test: 'to test it',
  manage: 'to go on',
  reset: 'to erase it',
  gate: 'to go on',
};

/** Opens a FIDO device for one thing. */
export function withFidoKey<T>(
  keys: SecurityKeys,
  use: KeyUse,
  device: PluggedIn,
  work: (key: FidoKey) => Promise<T>,
): Promise<T> {
  return withDevice(keys, use, device, async (connection) => {
    const channel = await openCtapHid(connection, keys.ports, use.signal);
    const info = channel.capabilities.cbor ? await getInfo(channel, { signal: use.signal }) : null;
    return work({ device, channel, info });
  });
}

/** Waits for the person, and says so once the device does. */
export function touching(use: KeyUse, { id, name }: { id: string; name: string }): ExchangeOptions {
  return {
    signal: use.signal,
    onStatus(status) {
      if (status === 'touch') use.ask('touch', [{ id, name }], `Touch ${name} ${WHAT_FOR[use.purpose]}.`);
    },
  };
}

/** The device as a FIDO2 one. Throws `DeviceUnsupported`. */
export function requireFido2({ device, info }: FidoKey): AuthenticatorInfo {
  if (info !== null) return info;
  throw new KeyholdError(
    'DeviceUnsupported',
    `${device.name} is of the older kind (U2F), which cannot do this. Use a FIDO2 security key.`,
  );
}
