import type { Made } from '../adapters/adapter.ts';
import { asUser, ifAllowed } from '../as-user.ts';
import { askAdapter, atOf } from '../ask-adapter.ts';
import type { IamSigner } from '../aws-iam.ts';
import { faultOf, isFault, mayHaveBeenDone } from '../faults.ts';
import { Halt } from '../halt.ts';
import { listKeys } from '../listed-key.ts';
import { quotaFull } from '../look-around.ts';
import { unlessDone } from '../patience.ts';
import { type RotationRecord, withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf, userOf } from '../run.ts';
import { settleLost } from '../settle-lost.ts';
import { store } from '../store.ts';

/** Each time the reply may be lost; what was made then is deleted before the next. */
const MOST_TRIES = 3;

/** A new key for the user. That it is about to be made is written first; its secret is in the vault before anything else is done with it. */
export async function create(run: Run): Promise<void> {
  let inDoubt = recordOf(run).creating !== undefined;
  if (!inDoubt) await intend(run);
  else if (await recover(run)) return;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const created = await attempt(run, inDoubt);
    if (created !== null) {
      await store(run, created);
      return;
    }
    inDoubt = true;
    if (await recover(run)) return;
  }
  throw new Halt(
    'network',
    `AWS was asked ${MOST_TRIES} times for a new ${run.adapter.noun}, and its answer never arrived.`,
  );
}

/** True where what an unanswered try made has its secret here, and is taken on. */
async function recover(run: Run): Promise<boolean> {
  if (run.adapter.found === undefined) {
    await settleLost(run);
    return false;
  }
  const found = await run.adapter.found(run);
  if (found === null) {
    await journal(run, (record) => withEvidence(record, now(run), 'The answer was lost; IAM has nothing of it.'));
    return false;
  }
  await store(run, found);
  return true;
}

async function intend(run: Run): Promise<void> {
  const before = await listKeys(run);
  const { old } = recordOf(run);
  if (!before.some(({ accessKeyId }) => accessKeyId === old.accessKeyId)) {
    throw new Halt('changed', `${old.accessKeyId} is gone from IAM meanwhile. Look there who has deleted it.`);
  }
  await journal(run, async (record, draft) => ({
    ...withEvidence(record, now(run), `Asks for a new ${run.adapter.noun}.`),
    ...(record.prepared === undefined ? await run.adapter.prepare?.(run, draft) : {}),
    creating: { since: now(run), askedAt: now(run), before: before.map(({ accessKeyId }) => accessKeyId) },
  }));
}

/** Null when it may have been made without anybody having its secret. */
async function attempt(run: Run, inDoubt: boolean): Promise<Made | null> {
  const { clock } = run.call.core.ports;
  if (inDoubt) await journal(run, askedAgain(run));
  try {
    return await asUser(run, (signer: IamSigner) => unlessDone(clock, () => run.adapter.create(atOf(run, signer))));
  } catch (error) {
    if (mayHaveBeenDone(error)) return null;
    // Of an earlier try, not listed yet.
    if (inDoubt && isFault(error, 'quota')) return null;
    if (faultOf(error) === null) throw error;
    const refusal = isFault(error, 'quota') ? await namedQuota(run) : error;
    // It is certain that nothing was made.
    if (!inDoubt) await journal(run, ({ creating: _none, ...record }) => record);
    throw refusal;
  }
}

function askedAgain(run: Run): (record: RotationRecord) => RotationRecord {
  return (record) =>
    record.creating === undefined ? record : { ...record, creating: { ...record.creating, askedAt: now(run) } };
}

async function namedQuota(run: Run): Promise<Halt> {
  const user = userOf(run);
  const keys = await listKeys(run);
  const seen = [];
  for (const key of keys) {
    const lastUsed = await ifAllowed(() =>
      askAdapter(run, async ({ lastUsed: ask }, at) => (await ask?.(at, key.accessKeyId)) ?? null),
    );
    seen.push({ ...key, lastUsed });
  }
  return quotaFull(user, seen, recordOf(run).old.accessKeyId, run.adapter);
}
