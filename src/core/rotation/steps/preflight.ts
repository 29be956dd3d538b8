import type { Thing } from '../../things.ts';
import { instant } from '../../views.ts';
import { asUser } from '../as-user.ts';
import { Halt } from '../halt.ts';
import { firstGlance, type IamUserName, type Lookout, lookAround, whoIs } from '../look-around.ts';
import { lookAtCredentials } from '../look-at-credentials.ts';
import { isOwnUse } from '../own-use.ts';
import { confirmedAt, type RotationRecord, withEvidence } from '../record.ts';
import { isHomeless } from '../region-of.ts';
import { requireReach } from '../require-reach.ts';
import { journal, now, presentSigner, type Run, recordOf, vaultedKey } from '../run.ts';

/** Looks at everything that can be known before anything is changed. What is in the way ends the rotation: nothing has happened yet. */
export async function preflight(run: Run): Promise<void> {
  const key = vaultedKey(run, recordOf(run));
  await requireReach(run, key);
  if (recordOf(run).credential === undefined) await ofAccessKey(run, key);
  else await ofCredential(run, key);
}

async function ofAccessKey(run: Run, key: Thing<'accessKey'>): Promise<void> {
  const lookout = lookoutOf(run, key);
  const glance = await firstGlance(lookout);
  const user = await begin(run, lookout);
  const sights = await lookAround(lookout, user, glance);
  await goOn(run, [`${user.arn}; ${sights.keys.length} of 2 keys.`, ...sights.notes], sights.usedElsewhereAt);
}

async function ofCredential(run: Run, key: Thing<'accessKey'>): Promise<void> {
  run.adapter.requireCurrent(run, recordOf(run), recordOf(run).old.accessKeyId);
  const lookout = lookoutOf(run, key);
  const user = await begin(run, lookout);
  const { record, adapter } = { record: recordOf(run), adapter: run.adapter };
  const sights = await lookAtCredentials(lookout, user, { record, adapter });
  await goOn(run, [`${user.arn}; ${sights.keys.length} of ${adapter.most} ${adapter.noun}s.`, ...sights.notes]);
}

function lookoutOf(run: Run, key: Thing<'accessKey'>): Lookout {
  const { session, iam, ownCalls } = run;
  // What was seen before this rotation signed anything itself.
  const fresh = session.freshKey({ id: recordOf(run).key, value: key }).value;
  return {
    clock: run.call.core.ports.clock,
    iam,
    accountId: session.things.must('account', key.account).accountId,
    accessKeyId: key.accessKeyId,
    homeless: isHomeless(session, key.account),
    direct: () => presentSigner(run),
    asUser: (work) => asUser(run, work),
    asBefore: (work) => asUser(run, work, { mayBeSignedIn: false }),
    isOwnUse: (at) => isOwnUse(ownCalls, fresh, at),
    withMfa: () => recordOf(run).mfa !== undefined,
  };
}

async function begin(run: Run, lookout: Lookout): Promise<IamUserName> {
  const user = await whoIs(lookout);
  requireStillWanted(run);
  await remember(run, user);
  return user;
}

function goOn(run: Run, seen: readonly string[], usedElsewhereAt?: number): Promise<RotationRecord> {
  return journal(run, (record) => ({
    ...withEvidence(record, now(run), seen.join(' ')),
    step: 'create',
    old: usedElsewhereAt === undefined ? record.old : { ...record.old, usedElsewhereAt },
  }));
}

/** Which device has the user's codes follows from its name. */
async function remember(run: Run, user: IamUserName): Promise<void> {
  if (recordOf(run).user?.arn === user.arn) return;
  await journal(run, (record) => ({ ...record, user }));
}

/** After a short outage nobody is asked. */
const STILL_WANTED_MS = 600_000;

/** Begun by somebody while AWS could not be reached: by the time it can, that may be long ago, and nobody may be there. */
function requireStillWanted(run: Run): void {
  const record = recordOf(run);
  if (run.call.actor !== 'daemon') return;
  if (record.planned !== true && now(run) - record.startedAt < STILL_WANTED_MS) return;
  if (confirmedAt(record, 'begunOffline') !== undefined) return;
  throw new Halt(
    'begunOffline',
    `The rotation of ${record.keyName} was begun at ${instant(record.startedAt)}, and AWS could not be asked until now. Confirm that it is still wanted, or roll it back.`,
  );
}
