import type { Seal } from '../../../../client/client.ts';
import type { Params } from '../../../../contract/methods.ts';
import type { SlotInfo } from '../../../../contract/schemas.ts';
import { callSealed } from '../../../api/keyhold.ts';

type Secret = Params<'vault.unlock'>['secret'];

export interface NewKeySlot {
  label: string;
  key:
    | { kind: 'fido2'; name: string; device: string; pin: Uint8Array | null }
    | { kind: 'yubikey-hmac-sha1'; device: string; otpSlot: 1 | 2 };
  /** Null: the key alone. */
  password: Uint8Array | null;
  /** The person was told what a challenge-response alone is worth, and wants it so. */
  alone: boolean;
}

/** Lets a key open the vault. The key is asked, and has to be touched, before this resolves. */
export function addKeySlot(slot: NewKeySlot, sealSecret: (seal: Seal) => Promise<Secret>): Promise<SlotInfo> {
  const { label, key, password, alone } = slot;
  return callSealed('slot.addKey', async (seal) => ({
    label,
    key:
      key.kind === 'fido2'
        ? {
            kind: key.kind,
            name: key.name,
            device: key.device,
            ...(key.pin === null ? {} : { pin: await seal('security-key-pin', key.pin) }),
          }
        : key,
    ...(password === null ? {} : { password: await seal('password', password) }),
    ...(alone ? { alone } : {}),
    authorize: await sealSecret(seal),
  }));
}
