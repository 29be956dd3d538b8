import { KeyholdError } from '../../../contract/errors.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, oneOf } from '../input.ts';
import type { HsmInput, HsmOutput, ObjectAttributes } from '../protocol.ts';
import { openSealed } from '../secret-input.ts';
import type { TokenState } from '../state.ts';
import { loadObject } from '../use-object.ts';

type Purpose = HsmInput<'compareObject'>['purpose'];
const PURPOSES: readonly Purpose[] = ['secret-access-key', 'session-token'];

export async function compareObject(state: TokenState, input: unknown): Promise<HsmOutput<'compareObject'>> {
  const fields = fieldsOf(input, 'input', ['key', 'sealed', 'purpose']);
  const purpose = oneOf(fields['purpose'], 'purpose', PURPOSES);
  // Before and after the secret is opened: the cache may have let go of the object meanwhile.
  requireComparable(loadObject(state, fields['key']).attributes, purpose);
  const given = await openSealed(state, fields['sealed'], 'sealed', purpose);
  try {
    return { same: equal(given, loadObject(state, fields['key']).material) };
  } finally {
    wipe(given);
  }
}

/** Other secrets may be short enough to be guessed. */
function requireComparable({ class: objectClass, spec }: ObjectAttributes, purpose: Purpose): void {
  const fits =
    purpose === 'secret-access-key'
      ? spec === 'AWS_SECRET_ACCESS_KEY'
      : spec === 'GENERIC_SECRET' && objectClass === 'data';
  if (!fits) throw new KeyholdError('HsmRefused', `This object is no ${purpose}.`);
}
