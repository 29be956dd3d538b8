import { KeyholdError } from '../../../contract/errors.ts';
import { fieldsOf } from '../input.ts';
import { ownersSlot } from '../operations/check-secret.ts';
import type { TokenState } from '../state.ts';

/** The way back after a lost key: the recovery code, and nothing that is typed every day. Throws `WrongSecret`, `TooManyAttempts`. */
export async function requireRecoveryCode(state: TokenState, value: unknown): Promise<void> {
  const { secret, slots } = fieldsOf(value, 'lostKey', ['secret', 'slots']);
  if (fieldsOf(secret, 'lostKey.secret', ['factor', 'sealed'])['factor'] !== 'recovery-code') {
    throw new KeyholdError(
      'HsmRefused',
      'A gate opens by its security key or by the recovery code, not by a password.',
    );
  }
  const { slot } = await ownersSlot(state, secret, slots);
  if (slot === null) throw new KeyholdError('WrongSecret', 'The recovery code is wrong. Check it and try again.');
}
