import type { PanicReport, PanicStep } from '../../contract/panic.ts';
import type { Cli } from '../cli.ts';
import { table } from '../table.ts';
import { count, relativeTime } from '../words.ts';

const ACTS: Readonly<Record<PanicStep['act'], string>> = {
  deactivate: 'make inactive',
  deactivatePassword: 'make the password inactive',
  deactivateSshKey: 'make the SSH key inactive',
  denyUser: 'refuse older sessions of the user',
  denyRole: 'refuse older sessions of the role',
};

const STATES: Readonly<Record<PanicStep['state'], string>> = {
  todo: 'not yet',
  asked: 'no answer',
  done: 'done',
  failed: 'failed',
  undoing: 'no answer (undo)',
  undone: 'taken back',
};

const OUTCOMES: Readonly<Record<PanicReport['state'], string>> = {
  open: 'open: nothing is rotated by itself until it is taken back or put away',
  undone: 'taken back',
  closed: 'put away',
};

export function reportText(cli: Cli, report: PanicReport): string {
  const { keys, clients, sessions, back, startedAt, state, steps, next } = report;
  const off = [count(keys.length, 'access key'), count(clients, 'client'), count(sessions.length, 'session')];
  return [
    `Panic of ${startedAt} (${relativeTime(startedAt, cli.now())}): ${OUTCOMES[state]}.\n`,
    `Switched off in the vault: ${off.join(', ')}.\n`,
    back.keys + back.clients === 0
      ? ''
      : `Of use again: ${count(back.keys, 'access key')}, ${count(back.clients, 'client')}.\n`,
    steps.length === 0 ? '' : `\n${stepsText(cli, steps)}`,
    next.length === 0 ? '' : `\nWhat to do next\n${next.map((line, index) => `  ${index + 1}. ${line}\n`).join('')}`,
  ].join('');
}

function stepsText(cli: Cli, steps: readonly PanicStep[]): string {
  return table(
    [
      { title: 'At AWS' },
      { title: 'Of', fixed: true },
      { title: 'Account' },
      { title: 'State', fixed: true },
      { title: 'What to know' },
    ],
    steps.map(({ act, target, credential, account, state, message }) => [
      ACTS[act],
      credential ?? target.slice(target.lastIndexOf('/') + 1),
      account,
      STATES[state],
      message,
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}
