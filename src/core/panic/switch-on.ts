import type { Draft } from '../draft.ts';
import type { PanicRecord, PanicStepRecord } from './record.ts';
import { now, type PanicRun, recordOf } from './run.ts';

export function isTakenBack({ state }: PanicStepRecord): boolean {
  return state === 'undone';
}

/** Clients, and the keys that are active in IAM, are of use again. Once nothing is left to take back, the panic is over. */
export function enableAgain(run: PanicRun): Promise<void> {
  const { session, call, id } = run;
  const { things } = session;
  return session.write(call.actor, (draft) => {
    if (run.superseded) return () => undefined;
    const record = { ...recordOf(run), backAt: now(run) };
    const complete = record.steps.every(isTakenBack);
    for (const { key, wasActive } of record.keys) {
      const value = things.get('accessKey', key);
      const off = record.steps.some((step) => step.act === 'deactivate' && step.key === key && !isTakenBack(step));
      if (!wasActive || off || value?.status !== 'disabled') continue;
      draft.put('accessKey', key, { ...value, status: 'active' });
      draft.record('key.enable', value.name, { account: things.must('account', value.account).name });
    }
    for (const client of record.clients) {
      const value = things.get('client', client);
      if (value !== undefined && !value.enabled) draft.put('client', client, { ...value, enabled: true });
    }
    if (complete) draft.record('panic.undone');
    draft.put('panic', id, complete ? endPanic(draft, record, 'undone', now(run)) : record);
    return () => undefined;
  });
}

/** What it kept for itself goes. */
export function endPanic(
  draft: Draft,
  record: PanicRecord,
  outcome: NonNullable<PanicRecord['outcome']>,
  at: number,
): PanicRecord {
  for (const { secret, token } of record.sessions) {
    draft.removeObject(secret.id);
    if (token !== undefined) draft.removeObject(token.id);
  }
  return { ...record, sessions: [], outcome, endedAt: at };
}
