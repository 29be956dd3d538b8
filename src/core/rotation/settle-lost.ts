import { instant } from '../views.ts';
import { ifAllowed } from './as-user.ts';
import { askAdapter } from './ask-adapter.ts';
import type { IamAccessKey } from './aws-iam.ts';
import { isFault } from './faults.ts';
import { Halt } from './halt.ts';
import { LOOKS, listKeys } from './listed-key.ts';
import { TOLERANCE_MS } from './own-calls.ts';
import { confirmedAt, type RotationRecord, withEvidence } from './record.ts';
import { journal, now, type Run, recordOf, rest, userOf } from './run.ts';

/** AWS tells of most uses within four hours (IAM User Guide, "Get access key last used information"). */
const SOAK_MS = 4 * 3_600_000;

/**
 * A key was asked for and its secret did not arrive, or not in the vault. If IAM made it, it is named in the journal, switched off, which can be undone, and deleted once AWS would have told
 * of somebody's use or a person has said that it is nobody's. Throws `Halt` until then, and for a key that may be somebody else's.
 */
export async function settleLost(run: Run): Promise<void> {
  const lost = await findLost(run);
  if (lost === undefined) {
    await journal(run, (record) => withEvidence(record, now(run), 'The answer was lost; IAM has made nothing.'));
    return;
  }
  const { accessKeyId } = lost;
  const { name } = userOf(run);
  const since = await doubtedSince(run, lost);
  const agreedAt = confirmedAt(recordOf(run), 'inDoubt') ?? 0;
  const endsAt = run.adapter.lastUsed === null ? Number.POSITIVE_INFINITY : since + SOAK_MS;
  if (agreedAt < since && now(run) < endsAt) {
    const until =
      endsAt === Number.POSITIVE_INFINITY
        ? 'It is switched off; AWS does not say whether anybody uses it.'
        : `It is switched off, and deleted at ${instant(endsAt)} if nobody is seen to use it until then.`;
    throw new Halt(
      'inDoubt',
      `${accessKeyId} was made for ${name}, and its secret never arrived here. ${until} If no other machine has it, confirm to delete it now.`,
    );
  }
  await askAdapter(run, (adapter, at) => adapter.remove(at, accessKeyId)).catch((error: unknown) => {
    if (!isFault(error, 'missing')) throw error;
  });
  await journal(run, (record) => withoutDoubt(withEvidence(record, now(run), `${accessKeyId} is deleted.`)));
}

function withoutDoubt({ creating, ...record }: RotationRecord): RotationRecord {
  if (creating === undefined) return record;
  const { doubted: _over, ...asked } = creating;
  return { ...record, creating: asked };
}

/** Since when it has been switched off; somebody who has it finds out by that, and can undo it. */
async function doubtedSince(run: Run, lost: IamAccessKey): Promise<number> {
  const { accessKeyId, active } = lost;
  const before = recordOf(run).creating?.doubted;
  if (before?.accessKeyId === accessKeyId) {
    if (active) throw foreign(run, [lost]);
    return before.at;
  }
  await askAdapter(run, (adapter, at) => adapter.setActive(at, accessKeyId, false));
  const at = now(run);
  await journal(run, ({ creating, ...record }) => {
    const text = `${accessKeyId} was made and its secret never arrived, so it is switched off.`;
    const next = withEvidence(record, at, text);
    return creating === undefined ? next : { ...next, creating: { ...creating, doubted: { accessKeyId, at } } };
  });
  return at;
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
  const { lastUsed } = run.adapter;
  if (lastUsed === null) return true;
  const last = await ifAllowed(() => askAdapter(run, (_adapter, at) => lastUsed(at, accessKeyId)));
  return last !== null && last.at === undefined;
}

function foreign(run: Run, keys: readonly IamAccessKey[]): Halt {
  const named = keys.map(({ accessKeyId, createdAt }) => `${accessKeyId} (of ${instant(createdAt)})`).join(' and ');
  return new Halt(
    'changed',
    `${named} has appeared for ${userOf(run).name}, and may be another machine’s. Ask who made it, delete it in IAM if nobody did, and resume, or roll back.`,
  );
}
