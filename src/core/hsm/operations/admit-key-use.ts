import { fieldsOf } from '../input.ts';
import type { TokenState } from '../state.ts';

/** That keys may be used now has been found before this runs, as before every use of a key (users/key-use.ts). */
export function admitKeyUse(_state: TokenState, input: unknown): null {
  fieldsOf(input, 'input', []);
  return null;
}
