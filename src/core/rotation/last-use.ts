import { instant } from '../views.ts';
import { askAsUser, ifAllowed } from './as-user.ts';
import type { LastUsed } from './aws-iam.ts';
import { Halt } from './halt.ts';
import { TOLERANCE_MS } from './own-calls.ts';
import { confirmedAt } from './record.ts';
import { type Run, recordOf } from './run.ts';

/** When AWS last saw the old key; null where it does not say. */
export function lastUseOfOld(run: Run): Promise<LastUsed | null> {
  const { accessKeyId } = recordOf(run).old;
  return ifAllowed(() => askAsUser(run, (signer) => run.iam.lastUsed(signer, accessKeyId)));
}

/**
 * Halts where the old key is used by somebody else, or where nobody can know: who uses it would be locked out without a word. What a person has agreed to is passed over, unless it was
 * used again since.
 */
export async function requireUnused(run: Run, next: 'switch off' | 'delete'): Promise<void> {
  const { old, switchedAt = 0, user, quarantineUntil, quarantineSeconds } = recordOf(run);
  const last = await lastUseOfOld(run);
  if (last === null) {
    const agreedAt = confirmedAt(recordOf(run), 'unwatched');
    // Who agreed that it is switched off has not agreed that it is deleted.
    const offAt = quarantineUntil === undefined ? 0 : quarantineUntil - quarantineSeconds * 1000;
    if (agreedAt !== undefined && (next === 'switch off' || agreedAt > offAt)) return;
    throw new Halt(
      'unwatched',
      `AWS does not say when ${old.accessKeyId} was last used (iam:GetAccessKeyLastUsed), so nobody can see whether another machine has it. Confirm to ${next} it all the same, or roll back.`,
    );
  }
  const agreedAt = confirmedAt(recordOf(run), 'usedElsewhere');
  const since = last.at !== undefined && last.at > switchedAt + TOLERANCE_MS ? last.at : undefined;
  const at = since ?? old.usedElsewhereAt;
  if (at === undefined || (agreedAt !== undefined && at <= agreedAt)) return;
  const what = last.service === undefined || since === undefined ? '' : ` for ${last.service}`;
  throw new Halt(
    'usedElsewhere',
    `${old.accessKeyId} of ${user?.name ?? 'this user'} was used elsewhere at ${instant(at)}${what}: by another machine, or through a link that was made with it. Give that one the new key, then confirm to ${next} the old one, or roll back.`,
  );
}
