import { isComplete } from '../credentials/record.ts';
import type { Thing, Things } from '../things.ts';

const DAY_MS = 86_400_000;

/** When an access key is to be rotated (ms since epoch): its own maximum age counts, or else its account's. A temporary or disabled key never is. */
export function dueAt(things: Things, key: Thing<'accessKey'>): number | undefined {
  const days = key.maxAgeDays ?? things.must('account', key.account).maxAgeDays;
  if (days === undefined || key.token !== undefined || key.status === 'disabled') return undefined;
  return (key.issuedAt ?? key.createdAt) + days * DAY_MS;
}

/** The same of a credential; an SMTP password is due with the key that it follows from, and what is not complete is to be completed first. */
export function credentialDueAt(things: Things, credential: Thing<'credential'>): number | undefined {
  if (credential.type === 'smtp' || !isComplete(credential)) return undefined;
  const { account, status } = things.must('accessKey', credential.key);
  const days = credential.maxAgeDays ?? things.must('account', account).maxAgeDays;
  if (days === undefined || status === 'disabled') return undefined;
  return (credential.issuedAt ?? credential.createdAt) + days * DAY_MS;
}
