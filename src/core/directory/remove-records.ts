import type { Draft } from '../draft.ts';
import type { Things } from '../things.ts';

/** The kinds that have to be read before any of this. */
export const IAM_KINDS = ['iamUser', 'iamMfaDevice'] as const;

/** Drafts the end of everything that an account's IAM holds, and answers how many records that are. Needs IAM_KINDS to have been read. */
export function removeIamOfAccount(draft: Draft, things: Things, account: string): number {
  let removed = 0;
  for (const { id, value } of things.all('iamUser')) {
    if (value.account !== account) continue;
    draft.remove('iamUser', id);
    removed += 1;
  }
  for (const { id, value } of things.all('iamMfaDevice')) {
    if (value.account !== account) continue;
    draft.remove('iamMfaDevice', id);
    draft.removeObject(value.seed.id);
    removed += 1;
  }
  return removed;
}
