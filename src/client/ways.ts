import type { SlotInfo } from '../contract/schemas.ts';

/** Whether a way in wants a security key, whatever stands beside it. */
export function hasKey({ factors }: Pick<SlotInfo, 'factors'>): boolean {
  return factors.includes('fido2') || factors.includes('yubikey-hmac-sha1');
}

/** Whether a password is all that a way in wants. */
export function isPasswordAlone({ factors }: Pick<SlotInfo, 'factors'>): boolean {
  return factors.length === 1 && factors[0] === 'password';
}
