import { KeyholdError } from '../../contract/errors.ts';
import type { RotationStep } from '../../contract/rotation.ts';
import { openPanic } from '../panic/run.ts';
import { closeJournal } from './close-journal.ts';
import { Halt, retriesItself } from './halt.ts';
import { haltOf } from './halt-of.ts';
import { type RotationRecord, withEvidence } from './record.ts';
import { now, type Run, recordOf, Turned } from './run.ts';
import { create } from './steps/create.ts';
import { deleteOld } from './steps/delete.ts';
import { preflight } from './steps/preflight.ts';
import { retire } from './steps/retire.ts';
import { discard, goBack, reactivate } from './steps/roll-back.ts';
import { switchOver } from './steps/switch.ts';
import { verify } from './steps/verify.ts';
import { isWatchDue, watch } from './steps/watch.ts';

/** Each does what is next, may be begun anew at any point of it, and writes what comes then in its last transaction. */
const STEPS: Readonly<Record<RotationStep, (run: Run) => Promise<void>>> = {
  preflight,
  create,
  verify,
  switch: switchOver,
  retire,
  watch,
  delete: deleteOld,
  reactivate,
  return: goBack,
  discard,
};

/** Minutes until it is tried again by itself; the last one from then on. */
const RETRY_MINUTES: readonly number[] = [1, 2, 5, 10, 15];

/** Does one step after the other until the rotation has ended, waits for its quarantine, or for somebody. Never throws. */
export async function advance(run: Run): Promise<void> {
  try {
    for (;;) {
      const { step, outcome } = recordOf(run);
      if (run.turn.wanted || isPanicked(run) || outcome !== undefined || (step === 'watch' && !isWatchDue(run))) return;
      await STEPS[step](run);
      if (run.call.actor === 'daemon') tell(run);
    }
  } catch (error) {
    // The next unlock goes on where this has ended.
    if (run.session.closed || error instanceof Turned) return;
    await stop(run, error);
  }
}

/** What nobody asked for waits until somebody has said how it goes on after the panic. */
function isPanicked({ session, turn }: Run): boolean {
  return turn.byItself && openPanic(session.things) !== undefined;
}

/** What has ended while nobody looked. */
function tell(run: Run): void {
  const { outcome, keyName, old, fresh } = recordOf(run);
  if (outcome !== 'done') return;
  run.session.notice('info', `${keyName} is ${fresh?.accessKeyId ?? 'new'} now; ${old.accessKeyId} is deleted.`);
}

async function stop(run: Run, error: unknown): Promise<void> {
  const { log } = run.call.core.ports;
  try {
    const halt = haltOf(error, recordOf(run).user?.name ?? 'the user') ?? defect(run, error);
    const { keyName, halt: before } = recordOf(run);
    await write(run, halt);
    if (before?.why === halt.why) return;
    const level = retriesItself(halt.why) ? 'info' : 'warning';
    run.session.notice(level, `The rotation of ${keyName} waits. ${halt.message}`);
  } catch (failure) {
    if (!run.session.closed) log.error('a rotation could not be stopped in good order', { error: failure });
  }
}

function defect(run: Run, error: unknown): Halt {
  run.call.core.ports.log.error('a rotation failed', { error });
  return new Halt(
    'refused',
    error instanceof KeyholdError
      ? `${error.message} Then resume the rotation.`
      : 'Something went wrong inside Keyhold; the daemon log has the details. Resume to try again, or roll back.',
    { cause: error },
  );
}

async function write(run: Run, halt: Halt): Promise<void> {
  const { session, call, id } = run;
  await session.write(call.actor, (draft) => {
    const record = recordOf(run);
    const at = now(run);
    if (endsHere(record, halt)) {
      draft.record('rotation.refused', record.keyName, { account: record.accountName, reason: halt.why });
      draft.put('rotation', id, closeJournal(withEvidence(record, at, halt.message), draft, 'refused', at));
      return () => undefined;
    }
    const same = record.halt?.why === halt.why ? record.halt : undefined;
    const tries = same === undefined ? 0 : same.tries + 1;
    const minutes = RETRY_MINUTES[Math.min(tries, RETRY_MINUTES.length - 1)] ?? 1;
    const next = same === undefined ? withEvidence(record, at, halt.message) : record;
    draft.put('rotation', id, {
      ...next,
      halt: {
        why: halt.why,
        message: halt.message,
        since: same?.since ?? at,
        tries,
        ...(retriesItself(halt.why) ? { retryAt: at + minutes * 60_000 } : {}),
      },
    });
    return () => undefined;
  });
}

/** Nothing has been changed anywhere, and nothing of it gets better by waiting. */
function endsHere({ step, creating, fresh }: RotationRecord, { why }: Halt): boolean {
  if ((step !== 'preflight' && step !== 'create') || creating !== undefined || fresh !== undefined) return false;
  return !retriesItself(why) && why !== 'touch' && why !== 'begunOffline';
}
