import type { AccessKey, Account } from '../../../contract/schemas.ts';
import { MaxAgeDays } from '../../../contract/schemas.ts';
import { KEY_POLICY_DAYS, plural, sentence } from '../../lib/format.ts';

/** How old a key may become, and who says so. */
export interface MaxAge {
  days: number;
  from: 'key' | 'account' | 'usual';
}

/** Its own maximum age counts, or else its account’s; where neither is set, the key is never due, and after the usual one it is marked as old. */
export function maxAgeOf(key: Pick<AccessKey, 'maxAgeDays'>, account: Pick<Account, 'maxAgeDays'> | undefined): MaxAge {
  if (key.maxAgeDays !== undefined) return { days: key.maxAgeDays, from: 'key' };
  if (account?.maxAgeDays !== undefined) return { days: account.maxAgeDays, from: 'account' };
  return { days: KEY_POLICY_DAYS, from: 'usual' };
}

const FROM: Readonly<Record<MaxAge['from'], string>> = {
  key: 'set for this key',
  account: 'set for its account',
  usual: `marked as old after ${KEY_POLICY_DAYS} days`,
};

export function maxAgeFrom({ from }: MaxAge): string {
  return FROM[from];
}

/** `90 days` */
export function maxAgeWords({ days, from }: MaxAge): string {
  return from === 'usual' ? 'none set' : plural(days, 'day');
}

/** What is wrong with what was typed, or null. */
export function daysError(text: string): string | null {
  const days = text.trim();
  if (!/^\d+$/.test(days)) return 'Type a number of days, like 90.';
  const parsed = MaxAgeDays.safeParse(Number(days));
  return parsed.success ? null : sentence(parsed.error.issues[0]?.message ?? 'this is no number of days');
}
