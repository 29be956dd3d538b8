import { KeyholdError } from '../../../contract/errors.ts';
import { booleanOf, type Fields } from '../input.ts';
import type { HsmOperation } from '../protocol.ts';
import { openSecurityKeys } from '../security-key.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { anyApprovalTouch } from '../users/approval-touch.ts';
import { sealedRecordsOf } from '../vault-input.ts';
import { requireRecoveryCode } from './lost-key.ts';
import { requireTouchFor } from './require-touch.ts';

/**
 * For what would lead around the gates: a touch for this alone by one of `enrolled`, or the recovery code as `lostKey`. Where something is `guarded` and the last key has gone,
 * only the recovery code: a key that the password alone could enrol would open every gate that any key opens.
 */
export async function admitTouched(
  state: TokenState,
  what: { op: HsmOperation; object: string },
  input: unknown,
  fields: Fields,
): Promise<void> {
  const enrolled = sealedRecordsOf(fields['enrolled'], 'objects');
  const keys = workingKeys(state);
  const said = fields['guarded'] !== undefined && booleanOf(fields['guarded'], 'guarded');
  // Of the approval rules, nobody has to say so.
  const guarded = said || anyApprovalTouch(state);
  if (enrolled.length === 0 && !guarded) return;
  if (fields['lostKey'] !== undefined) {
    await requireRecoveryCode(state, fields['lostKey']);
    return;
  }
  if (enrolled.length === 0) {
    throw new KeyholdError(
      'TouchRequired',
      'Something here wants the touch of a security key, and none is enrolled any more. Do this with the recovery code.',
    );
  }
  const ids = openSecurityKeys(keys, enrolled).map(({ object }) => object.attributes.id);
  requireTouchFor(state, { ...what, gate: { withinSeconds: 0, keys: ids }, alone: true }, input);
}
