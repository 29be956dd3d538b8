import { fieldsOf, invalid, listOf } from '../input.ts';
import type { HsmOutput, KekRow } from '../protocol.ts';
import { type Kek, type TokenState, workingKeys } from '../state.ts';
import { sameKeks } from '../users/follow.ts';
import { kekMarks } from '../users/head-mark.ts';
import { kekRowOf, MOST_KEKS } from '../vault-input.ts';
import { currentKek } from '../vault-keys.ts';

/** Which rows stay once nothing is sealed under the others any more. */
export function retireKeks(state: TokenState, input: unknown): HsmOutput<'retireKeks'> {
  const given = listOf(fieldsOf(input, 'input', ['keks'])['keks'], 'keks', MOST_KEKS, kekRowOf);
  const keys = workingKeys(state);
  const isOver = ({ id, purpose }: KekRow): boolean => isKek(purpose) && id < currentKek(keys, purpose).id;
  if (!sameKeks(state.users.keks, kekMarks(given))) throw invalid('keks', 'all of those in use');
  const keks = given.filter((row) => !isOver(row));
  state.users.nextKeks = kekMarks(keks);
  return { keks };
}

function isKek(purpose: KekRow['purpose']): purpose is Kek['purpose'] {
  return purpose === 'records' || purpose === 'objects';
}
