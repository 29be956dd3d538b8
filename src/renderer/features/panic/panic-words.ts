import type { PanicReport, PanicStep } from '../../../contract/panic.ts';
import type { AccessKey } from '../../../contract/schemas.ts';
import { listNames, plural } from '../../lib/format.ts';

/** What has to be typed before it begins. */
export const PANIC_WORD = 'panic';

/** Keys that a panic can switch off at AWS: temporary ones end by themselves, and what is off stays off. */
export function panicKeys(keys: readonly AccessKey[]): AccessKey[] {
  return keys.filter((key) => key.status === 'active' && !key.hasSessionToken);
}

const ACTS: Readonly<Record<PanicStep['act'], string>> = {
  deactivate: 'Deactivate the access key',
  denyUser: 'Refuse older sessions of the user',
  denyRole: 'Refuse older sessions of the role',
};

/** `Deactivate the access key deploy-bot` */
export function stepTitle({ act, target, key }: PanicStep): string {
  return `${ACTS[act]} ${key ?? target.slice(target.lastIndexOf('/') + 1)}`;
}

const STATES: Readonly<Record<PanicStep['state'], string>> = {
  todo: 'not yet',
  asked: 'no answer',
  done: 'done',
  failed: 'failed',
  undoing: 'no answer',
  undone: 'taken back',
};

export function stepWord({ state }: Pick<PanicStep, 'state'>): string {
  return STATES[state];
}

export interface PanicTally {
  done: number;
  /** What `panic.resume` would try. */
  left: number;
  total: number;
}

export function tallyOf({ steps }: Pick<PanicReport, 'steps'>): PanicTally {
  const count = (...states: PanicStep['state'][]) => steps.filter(({ state }) => states.includes(state)).length;
  return { done: count('done'), left: count('todo', 'asked', 'failed'), total: steps.length };
}

/** The report in a sentence. */
export function reportSentence(report: PanicReport): string {
  if (report.state === 'undone') return 'It was taken back: keys, clients and older sessions are of use again.';
  if (report.state === 'closed') return 'The report was put away. What was switched off stays off.';
  const { done, left, total } = tallyOf(report);
  if (total === 0) return 'Everything here is switched off. There was nothing to do at AWS.';
  if (left === 0) return `Everything is switched off, here and at AWS: ${plural(done, 'step')} done.`;
  return `Everything here is switched off. At AWS, ${done} of ${total} done.`;
}

/** What was switched off in the vault, in a sentence. */
export function hereSentence({ keys, clients, sessions }: Pick<PanicReport, 'keys' | 'clients' | 'sessions'>): string {
  const parts = [plural(keys.length, 'access key'), plural(clients, 'client'), plural(sessions.length, 'session')];
  return `Switched off in the vault: ${listNames(parts)}.`;
}
