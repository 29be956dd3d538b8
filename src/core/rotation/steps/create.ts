import { KeyholdError } from '../../../contract/errors.ts';
import { askAsUser, asUser, ifAllowed } from '../as-user.ts';
import type { IamSigner } from '../aws-iam.ts';
import { faultOf, isFault } from '../faults.ts';
import { Halt } from '../halt.ts';
import { listKeys } from '../listed-key.ts';
import { quotaFull } from '../look-around.ts';
import { unlessDone } from '../patience.ts';
import { type RotationRecord, withEvidence } from '../record.ts';
import { journal, now, type Run, recordOf, userOf } from '../run.ts';
import { settleLost } from '../settle-lost.ts';
import { type Created, store } from '../store.ts';

/** Each time the reply may be lost; what was made then is deleted before the next. */
const MOST_TRIES = 3;

/** A new key for the user. That it is about to be made is written first; its secret is in the vault before anything else is done with it. */
export async function create(run: Run): Promise<void> {
  let inDoubt = recordOf(run).creating !== undefined;
  if (inDoubt) await settleLost(run);
  else await intend(run);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const created = await attempt(run, inDoubt);
    if (created !== null) {
      await store(run, created);
      return;
    }
    inDoubt = true;
    await settleLost(run);
  }
  throw new Halt('network', `AWS was asked ${MOST_TRIES} times for a new key, and its answer never arrived.`);
}

async function intend(run: Run): Promise<void> {
  const before = await listKeys(run);
  const { old } = recordOf(run);
  if (!before.some(({ accessKeyId }) => accessKeyId === old.accessKeyId)) {
    throw new Halt('changed', `${old.accessKeyId} is gone from IAM meanwhile. Look there who has deleted it.`);
  }
  await journal(run, (record) => ({
    ...withEvidence(record, now(run), 'Asks for a new key.'),
    creating: { since: now(run), askedAt: now(run), before: before.map(({ accessKeyId }) => accessKeyId) },
  }));
}

/** Null when it may have been made without anybody having its secret. */
async function attempt(run: Run, inDoubt: boolean): Promise<Created | null> {
  const { clock } = run.call.core.ports;
  const { name } = userOf(run);
  if (inDoubt) await journal(run, askedAgain(run));
  try {
    return await asUser(run, (signer: IamSigner) => unlessDone(clock, () => run.iam.createAccessKey(signer, name)));
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

/** AWS has not said for sure that it refused: a proxy on the way may have answered in its place. */
function mayHaveBeenDone(error: unknown): boolean {
  if (isUnnamed(error)) return true;
  const fault = faultOf(error);
  if (fault === 'network' || fault === 'server') return true;
  // An answer that could not be read is no refusal.
  return fault === 'other' && !hasStatus(error);
}

/** A status without an error of AWS's in it. */
function isUnnamed(error: unknown): boolean {
  return error instanceof KeyholdError && String(error.details?.['name'] ?? '').startsWith('HTTP ');
}

function hasStatus(error: unknown): boolean {
  const details = error instanceof Error && 'details' in error ? error.details : undefined;
  return typeof details === 'object' && details !== null && 'status' in details;
}

async function namedQuota(run: Run): Promise<Halt> {
  const user = userOf(run);
  const keys = await listKeys(run);
  const seen = [];
  for (const key of keys) {
    const lastUsed = await ifAllowed(() => askAsUser(run, (signer) => run.iam.lastUsed(signer, key.accessKeyId)));
    seen.push({ ...key, lastUsed });
  }
  return quotaFull(user, seen, recordOf(run).old.accessKeyId);
}
