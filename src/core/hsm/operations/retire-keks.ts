import { countOutdated } from '../entry-content.ts';
import { fieldsOf, invalid, listOf } from '../input.ts';
import type { HsmOutput, KekRow } from '../protocol.ts';
import { type Kek, type TokenState, workingKeys } from '../state.ts';
import { sameKeks } from '../users/follow.ts';
import { kekMarks } from '../users/head-mark.ts';
import { headOf, kekRowOf, MOST_KEKS, newPagesOf, storedMacOf } from '../vault-input.ts';
import { currentKek } from '../vault-keys.ts';
import { requireWhole } from './stage-root.ts';

/** Which rows stay once nothing is sealed under the others any more. */
export function retireKeks(state: TokenState, input: unknown): HsmOutput<'retireKeks'> {
  const fields = fieldsOf(input, 'input', ['keks', 'head', 'headMac', 'pages']);
  const given = listOf(fields['keks'], 'keks', MOST_KEKS, kekRowOf);
  const head = headOf(fields['head']);
  const pages = newPagesOf(fields['pages']);
  const keys = workingKeys(state);
  requireWhole(keys, { head, pages }, storedMacOf(fields['headMac'], 'headMac'));
  if (pages.some(({ entries }) => countOutdated(entries) > 0))
    throw invalid('pages', 'free of records under older keys');
  const isOver = ({ id, purpose }: KekRow): boolean => isKek(purpose) && id < currentKek(keys, purpose).id;
  if (!sameKeks(state.users.keks, kekMarks(given))) throw invalid('keks', 'all of those in use');
  const keks = given.filter((row) => !isOver(row));
  state.users.nextKeks = kekMarks(keks);
  return { keks };
}

function isKek(purpose: KekRow['purpose']): purpose is Kek['purpose'] {
  return purpose === 'records' || purpose === 'objects';
}
