import { KeyholdError } from '../../contract/errors.ts';
import type { Secret } from '../../contract/schemas.ts';
import { wipe } from '../crypto/wipe.ts';
import type { GivenFactor, Hsm, SlotRow, WayIn } from '../hsm/protocol.ts';
import { fido2Of, parseSlotDescriptor, type SlotDescriptor, yubikeyOf } from '../vault/slot-descriptor.ts';
import { askHmacSecret, type Sealing } from './hmac-secret.ts';
import { endPinUv } from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';
import { whichSlot } from './which-slot.ts';
import { askYubikey } from './yubikey.ts';

type KeySecret = Extract<Secret, { factor: 'security-key' }>;

export interface Asked {
  wayIn: WayIn;
  /** Never rejects. */
  end(): Promise<void>;
}

/** Finds the slot that fits what is plugged in, and has its security keys answer. What they answer is worth the vault: it goes to the HSM process and is wiped. */
export async function askForSlot(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  rows: readonly SlotRow[],
  secret: KeySecret,
): Promise<Asked> {
  const candidates = candidatesOf(rows, secret);
  const { slot, fido, otp } = await whichSlot(keys, use, candidates, secret.device);
  const factors: GivenFactor[] = [];
  let handle: string | undefined;
  const end = async (): Promise<void> => {
    for (const factor of factors) if (factor.factor === 'yubikey-hmac-sha1') wipe(factor.response);
    if (handle !== undefined) await endPinUv(keys, hsm, handle);
  };
  try {
    const fido2 = fido2Of(slot);
    const yubikey = yubikeyOf(slot);
    if (secret.password !== undefined) factors.push({ factor: 'password', sealed: secret.password });
    if (fido2 !== undefined && fido !== undefined) {
      const pin: Sealing = secret.pin === undefined ? {} : { pin: secret.pin };
      const answered = await askHmacSecret(keys, hsm, use, fido, fido2, pin);
      handle = answered.handle;
      factors.push({ factor: 'fido2', ...answered });
    }
    if (yubikey !== undefined && otp !== undefined) {
      const question = { otpSlot: yubikey.slot, challenge: yubikey.challenge };
      factors.push({ factor: 'yubikey-hmac-sha1', response: await askYubikey(keys, use, otp, question) });
    }
    return { wayIn: { factor: 'security-key', slot: slot.id, factors }, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Slots with a security key that can be tried with what was given. Throws where there is none. */
function candidatesOf(rows: readonly SlotRow[], { slot: wanted, password }: KeySecret): SlotDescriptor[] {
  const withKeys = rows.flatMap(({ descriptor }) => {
    const slot = parseSlotDescriptor(descriptor);
    return slot !== null && (fido2Of(slot) !== undefined || yubikeyOf(slot) !== undefined) ? [slot] : [];
  });
  const named = wanted === undefined ? withKeys : withKeys.filter(({ id }) => id === wanted);
  if (named.length === 0) {
    const message =
      wanted === undefined
        ? 'No security key opens this vault yet. Use the password, or the recovery code if the key is lost.'
        : `There is no way in ${wanted} with a security key. Choose another one.`;
    throw new KeyholdError('NotFound', message);
  }
  const fitting = named.filter((slot) => hasPassword(slot) === (password !== undefined));
  if (fitting.length > 0) return fitting;
  throw new KeyholdError(
    'InvalidInput',
    password === undefined
      ? 'The security key opens this vault together with a password only. Type the password as well.'
      : 'The security key opens this vault without a password. Leave the password out.',
    { needsPassword: password === undefined },
  );
}

function hasPassword({ factors }: SlotDescriptor): boolean {
  return factors.some(({ type }) => type === 'password');
}
