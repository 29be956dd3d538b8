import { instant } from '../views.ts';
import { ifAllowed } from './as-user.ts';
import { askAdapter } from './ask-adapter.ts';
import type { LastUsed } from './aws-iam.ts';
import { Halt } from './halt.ts';
import { TOLERANCE_MS } from './own-calls.ts';
import { confirmedAt } from './record.ts';
import { type Run, recordOf } from './run.ts';

/** When AWS last saw the old key; null where it does not say. */
export function lastUseOfOld(run: Run): Promise<LastUsed | null> {
  const { accessKeyId } = recordOf(run).old;
  return ifAllowed(() => askAdapter(run, async ({ lastUsed }, at) => (await lastUsed?.(at, accessKeyId)) ?? null));
}

/**
 * Halts where the old key is used by somebody else, or where nobody can know: who uses it would be locked out without a word. What a person has agreed to is passed over, unless it was
 * used again since.
 */
export async function requireUnused(run: Run, next: 'switch off' | 'delete'): Promise<void> {
  if (run.adapter.lastUsed === null) {
    requireHandedOut(run, recordOf(run).keyName);
    return;
  }
  const { old, switchedAt = 0, user, quarantineUntil, quarantineSeconds } = recordOf(run);
  const last = await lastUseOfOld(run);
  // What follows from the key has changed with it, and a mail program has to be told.
  const derived = smtpPasswordsOf(run);
  if (derived.length > 0) requireHandedOut(run, derived.join(', '), last === null ? UNSEEN : '');
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

/**
 * What tools have been given outside this vault, they have to be given anew by a person, and only that person knows when it is done: AWS tells nobody when one was used. Said once, before it is
 * switched off; while it is, whoever still has it finds out, and a rollback gives it back.
 */
function requireHandedOut(run: Run, name: string, more = ''): void {
  const { old, credential, quarantineSeconds } = recordOf(run);
  if (confirmedAt(recordOf(run), 'unwatched') !== undefined) return;
  const then = quarantineSeconds === 0 ? 'switch off and delete' : 'switch off, and later delete,';
  throw new Halt(
    'unwatched',
    `Give the tools that use ${name} the new ${credential === undefined ? 'SMTP password' : run.adapter.noun} (keyhold credential reveal), since AWS does not say who still has the old one.${more} Then confirm to ${then} ${old.accessKeyId}, or roll back.`,
  );
}

/** Who agrees to the one agrees to the other. */
const UNSEEN =
  ' Nor does it say when the key itself was last used (iam:GetAccessKeyLastUsed): another machine may have it.';

function smtpPasswordsOf(run: Run): string[] {
  const { key } = recordOf(run);
  return run.session.things
    .all('credential')
    .flatMap(({ value }) => (value.type === 'smtp' && value.key === key ? [value.name] : []));
}
