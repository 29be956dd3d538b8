import type { Fields } from '../input.ts';
import type { HsmOperation } from '../protocol.ts';
import { openSecurityKeys } from '../security-key.ts';
import { type TokenState, workingKeys } from '../state.ts';
import { sealedRecordsOf } from '../vault-input.ts';
import { requireRecoveryCode } from './lost-key.ts';
import { requireTouchFor } from './require-touch.ts';

/** For what would lead around the gates: a touch for this alone by one of `enrolled`, or the recovery code as `lostKey`; nothing where no key is enrolled. */
export async function admitTouched(
  state: TokenState,
  what: { op: HsmOperation; object: string },
  input: unknown,
  fields: Fields,
): Promise<void> {
  const enrolled = sealedRecordsOf(fields['enrolled'], 'objects');
  const keys = workingKeys(state);
  if (enrolled.length === 0) return;
  if (fields['lostKey'] !== undefined) {
    await requireRecoveryCode(state, fields['lostKey']);
    return;
  }
  const ids = openSecurityKeys(keys, enrolled).map(({ object }) => object.attributes.id);
  requireTouchFor(state, { ...what, gate: { withinSeconds: 0, keys: ids } }, input);
}
