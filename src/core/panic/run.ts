import type { CallContext } from '../api/handler.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import type { Found, Things } from '../things.ts';
import { type PanicRecord, type PanicStepRecord, sameStep } from './record.ts';

/** What is told AWS of a panic, at a stretch. */
export interface PanicRun {
  call: CallContext;
  session: Session;
  /** Of its record. */
  id: string;
  /** No call is begun any more. */
  readonly over: boolean;
  /** A new panic has come in between: nothing of this one is written any more. */
  readonly superseded: boolean;
  /** Keys that want a touch are left for later: what says that nobody could do a step is not the last word on it. */
  readonly quiet?: boolean;
}

/** The same run, without what wants a touch. */
export function quietly(run: PanicRun): PanicRun {
  const { call, session, id } = run;
  return {
    ...{ call, session, id, quiet: true },
    get over() {
      return run.over;
    },
    get superseded() {
      return run.superseded;
    },
  };
}

/** The newest one, whatever became of it: there is at most one. */
export function lastPanic(things: Things): Found<'panic'> | undefined {
  return things.all('panic')[0];
}

/** The one that has neither been taken back nor put away. */
export function openPanic(things: Things): Found<'panic'> | undefined {
  const found = lastPanic(things);
  return found?.value.outcome === undefined ? found : undefined;
}

export function recordOf({ session, id }: PanicRun): PanicRecord {
  return session.things.must('panic', id);
}

export function now({ call }: PanicRun): number {
  return call.core.ports.clock.now();
}

export function journal(run: PanicRun, change: (record: PanicRecord) => PanicRecord): Promise<void> {
  const { session, call, id } = run;
  return session.write(call.actor, (draft) => {
    if (!run.superseded) draft.put('panic', id, change(recordOf(run)));
    return () => undefined;
  });
}

type Said = Pick<PanicStepRecord, 'state' | 'already' | 'unsure' | 'upTo' | 'message'>;

/** Writes how far a step is; what is known for sure enters the audit log with it. */
export function setStep(run: PanicRun, step: PanicStepRecord, said: Said): Promise<void> {
  const { session, call, id } = run;
  const { state, message } = said;
  return session.write(call.actor, (draft) => {
    if (run.superseded) return () => undefined;
    const record = recordOf(run);
    // What has been written of it since it was looked at stays.
    const next = ({ message: _before, ...same }: PanicStepRecord): PanicStepRecord => ({
      ...same,
      ...omitUndefined(said),
      at: now(run),
    });
    const was = record.steps.find((one) => sameStep(one, step))?.state;
    // Of what is done, only an undo that did not come about has more to say.
    const refused = state === 'failed' || (state === 'done' && (was === 'done' || was === 'undoing'));
    draft.put('panic', id, { ...record, steps: record.steps.map((one) => (sameStep(one, step) ? next(one) : one)) });
    if (state === 'done' || state === 'failed' || state === 'undone') {
      draft.record(`panic.${step.act}`, step.target, {
        account: step.accountName,
        service: 'iam',
        decision: refused ? 'denied' : 'allowed',
        reason: (message ?? state).slice(0, 300),
      });
    }
    return () => undefined;
  });
}
