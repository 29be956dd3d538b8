import { instant } from '../views.ts';
import { askAsUser, asUser, ifAllowed } from './as-user.ts';
import type { IamAccessKey } from './aws-iam.ts';
import { isFault } from './faults.ts';
import { Halt } from './halt.ts';
import { LOOKS, listKeys } from './listed-key.ts';
import { TOLERANCE_MS } from './own-calls.ts';
import { patiently } from './patience.ts';
import { withEvidence } from './record.ts';
import { journal, now, type Run, recordOf, rest, userOf } from './run.ts';

/**
 * A key was asked for and its secret did not arrive, or not in the vault. If IAM made it, it is named in the journal and deleted: nobody has its secret. Throws `Halt` for a key that may be
 * somebody else's.
 */
export async function settleLost(run: Run): Promise<void> {
  const lost = await findLost(run);
  if (lost === undefined) {
    await journal(run, (record) => withEvidence(record, now(run), 'The answer was lost; IAM has made no key.'));
    return;
  }
  const { accessKeyId } = lost;
  await journal(run, (record) => {
    const text = `${accessKeyId} was made and its secret never arrived, so it is deleted.`;
    return withEvidence(record, now(run), text);
  });
  const { clock } = run.call.core.ports;
  const key = { userName: userOf(run).name, accessKeyId };
  await asUser(run, (signer) => patiently(clock, () => run.iam.deleteAccessKey(signer, key))).catch(
    (error: unknown) => {
      if (!isFault(error, 'missing')) throw error;
    },
  );
}

async function findLost(run: Run): Promise<IamAccessKey | undefined> {
  const { old, creating } = recordOf(run);
  if (creating === undefined) return undefined;
  for (const wait of [...LOOKS, null]) {
    const keys = await listKeys(run);
    const unknown = keys.filter(
      ({ accessKeyId }) => accessKeyId !== old.accessKeyId && !creating.before.includes(accessKeyId),
    );
    const [first, ...others] = unknown;
    if (first !== undefined) {
      if (others.length > 0 || !(await isOurs(run, first, creating))) throw foreign(run, unknown);
      return first;
    }
    if (wait !== null) await rest(run, wait);
  }
  return undefined;
}

/** Made when this rotation asked for one, and never used: whoever else had made it would have tried it. Where AWS does not say, it is nobody’s to delete. */
async function isOurs(
  run: Run,
  { accessKeyId, createdAt }: IamAccessKey,
  { since, askedAt }: { since: number; askedAt: number },
): Promise<boolean> {
  if (createdAt < since - TOLERANCE_MS || createdAt > askedAt + TOLERANCE_MS) return false;
  const last = await ifAllowed(() => askAsUser(run, (signer) => run.iam.lastUsed(signer, accessKeyId)));
  return last !== null && last.at === undefined;
}

function foreign(run: Run, keys: readonly IamAccessKey[]): Halt {
  const named = keys.map(({ accessKeyId, createdAt }) => `${accessKeyId} (of ${instant(createdAt)})`).join(' and ');
  return new Halt(
    'changed',
    `${named} has appeared for ${userOf(run).name}, and may be another machine’s. Ask who made it, delete it in IAM if nobody did, and resume, or roll back.`,
  );
}
