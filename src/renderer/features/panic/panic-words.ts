import type { PanicReport, PanicStep } from '../../../contract/panic.ts';
import type { AccessKey } from '../../../contract/schemas.ts';
import { listNames, plural } from '../../lib/format.ts';

/** What has to be typed before it begins. */
export const PANIC_WORD = 'panic';

/** Keys that a panic can switch off at AWS: temporary ones end by themselves, and what is off stays off. */
export function panicKeys(keys: readonly AccessKey[]): AccessKey[] {
  return keys.filter((key) => key.status === 'active' && !key.hasSessionToken);
}

/** What the plan is asked for, and the panic begun with: `all` also takes what is disabled here, and profiles that need no key. */
export function wantedKeys(keys: readonly AccessKey[], off: ReadonlySet<string>): 'all' | string[] {
  const chosen = keys.filter(({ name }) => !off.has(name)).map(({ name }) => name);
  return chosen.length === keys.length ? 'all' : chosen;
}

/** Of the keys of a plan: how many are switched off here, and which are so already and are deactivated at AWS all the same. */
export function keysHereAndThere(
  all: readonly AccessKey[],
  names: readonly string[],
): { active: number; disabled: string[] } {
  const keys = all.filter(({ name }) => names.includes(name));
  const disabled = keys.filter(({ status, hasSessionToken }) => status !== 'active' && !hasSessionToken);
  return {
    active: keys.filter(({ status }) => status === 'active').length,
    disabled: disabled.map(({ name }) => name),
  };
}

const ACTS: Readonly<Record<PanicStep['act'], string>> = {
  deactivate: 'Deactivate the access key',
  deactivatePassword: 'Deactivate the password',
  deactivateSshKey: 'Deactivate the SSH key',
  denyUser: 'Refuse older sessions of the user',
  denyRole: 'Refuse older sessions of the role',
};

/** `Deactivate the access key deploy-bot` */
export function stepTitle({ act, target, key, credential }: PanicStep): string {
  return `${ACTS[act]} ${credential ?? key ?? target.slice(target.lastIndexOf('/') + 1)}`;
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
  if (isPartlyBack(report)) return partlyBackSentence(report);
  if (total === 0) return 'Everything here is switched off. There was nothing to do at AWS.';
  if (left === 0) return `Everything is switched off, here and at AWS: ${plural(done, 'step')} done.`;
  return `Everything here is switched off. At AWS, ${done} of ${total} done.`;
}

/** Somebody has begun to take it back, and not all of it could be. */
function isPartlyBack({ state, back, steps }: PanicReport): boolean {
  if (state !== 'open') return false;
  return back.keys + back.clients > 0 || steps.some((step) => step.state === 'undone' || step.state === 'undoing');
}

function partlyBackSentence({ steps }: PanicReport): string {
  const left = steps.filter(({ state }) => state !== 'undone').length;
  const rest = left === 0 ? '' : ` At AWS, ${plural(left, 'step')} of ${steps.length} not taken back.`;
  return `Partly taken back: not everything here is switched off any more.${rest}`;
}

/** What was switched off in the vault, and what of it is of use again. */
export function hereSentence({
  state,
  keys,
  clients,
  sessions,
  back,
}: Pick<PanicReport, 'state' | 'keys' | 'clients' | 'sessions' | 'back'>): string {
  const parts = [plural(keys.length, 'access key'), plural(clients, 'client'), plural(sessions.length, 'session')];
  const off = `Switched off in the vault: ${listNames(parts)}.`;
  if (state === 'undone' || back.keys + back.clients === 0) return off;
  const again = [
    ...(back.keys === 0 ? [] : [plural(back.keys, 'access key')]),
    ...(back.clients === 0 ? [] : [plural(back.clients, 'client')]),
  ];
  return `${off} Of use again: ${listNames(again)}.`;
}
