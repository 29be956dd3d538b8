import type { Thing, Things } from '../things.ts';

const DAY_MS = 86_400_000;

/** When an access key is to be rotated (ms since epoch): its own maximum age counts, or else its account's. A temporary or disabled key never is. */
export function dueAt(things: Things, key: Thing<'accessKey'>): number | undefined {
  const days = key.maxAgeDays ?? things.must('account', key.account).maxAgeDays;
  if (days === undefined || key.token !== undefined || key.status === 'disabled') return undefined;
  return (key.issuedAt ?? key.createdAt) + days * DAY_MS;
}
