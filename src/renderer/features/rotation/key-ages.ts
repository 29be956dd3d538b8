import type { AccessKey } from '../../../contract/schemas.ts';
import { ageInDays, KEY_POLICY_DAYS } from '../../lib/format.ts';
import { isDue, keyBirth } from '../keys/key-facts.ts';

export interface AgeBand {
  label: string;
  count: number;
  /** How many of them are over their maximum age. */
  due: number;
}

/** Days up to which each band reaches; the third ends with the age that is usual where none is set. */
const ENDS = [30, 60, KEY_POLICY_DAYS, 180, Number.POSITIVE_INFINITY];

/** How many keys in use are how old. */
export function ageBands(keys: readonly AccessKey[], now: number): AgeBand[] {
  const ages = keys
    .filter((key) => key.status === 'active' && !key.hasSessionToken)
    .map((key) => ({ days: ageInDays(keyBirth(key), now), isDue: isDue(key, now) }));
  return ENDS.map((end, index) => {
    const before = ENDS[index - 1] ?? -1;
    const within = ages.filter(({ days }) => days > before && days <= end);
    return { label: labelOf(before, end), count: within.length, due: within.filter((key) => key.isDue).length };
  });
}

function labelOf(before: number, end: number): string {
  if (before < 0) return `up to ${end} days`;
  return end === Number.POSITIVE_INFINITY ? `over ${before} days` : `${before + 1}–${end} days`;
}
