import type { PanicReport, PanicStep } from '../../contract/panic.ts';
import type { Things } from '../things.ts';
import { instant } from '../views.ts';
import { nextSteps } from './next-steps.ts';
import type { PanicRecord, PanicStepRecord } from './record.ts';
import { isOpen } from './step.ts';

export function viewPanic(things: Things, record: PanicRecord): PanicReport {
  const { outcome, startedAt, cutoff, keys, clients, sessions, steps } = record;
  return {
    state: outcome ?? 'open',
    startedAt: instant(startedAt),
    cutoff: instant(cutoff),
    keys: keys.map(({ key, name }) => things.get('accessKey', key)?.name ?? name),
    clients: clients.length,
    sessions: [...new Set(sessions.map(({ profileName }) => profileName))],
    back: {
      keys: keys.filter(({ key, wasActive }) => wasActive && things.get('accessKey', key)?.status === 'active').length,
      clients: clients.filter((client) => things.get('client', client)?.enabled === true).length,
    },
    steps: steps.map((step) => viewStep(things, step)),
    next: nextSteps(things, record),
    complete: steps.every((step) => !isOpen(step) && step.state !== 'undoing'),
  };
}

function viewStep(things: Things, step: PanicStepRecord): PanicStep {
  const { act, account, accountName, target, key, keyName, credential, state, message, at } = step;
  const name = key === undefined ? keyName : (things.get('accessKey', key)?.name ?? keyName);
  return {
    act,
    account: things.get('account', account)?.name ?? accountName,
    target,
    ...(name === undefined ? {} : { key: name }),
    ...(credential === undefined
      ? {}
      : { credential: things.get('credential', credential.id)?.name ?? credential.name }),
    state,
    message: message ?? UNTOLD[state],
    ...(at === undefined ? {} : { at: instant(at) }),
  };
}

const UNTOLD: Readonly<Record<PanicStep['state'], string>> = {
  todo: 'AWS was not asked yet.',
  asked: 'AWS was asked, and the answer is not known.',
  done: 'Done.',
  failed: 'It could not be done.',
  undoing: 'AWS was asked to take it back, and the answer is not known.',
  undone: 'It is taken back.',
};
