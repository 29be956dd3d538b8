import type { Rotation, RotationPlan } from '../../contract/rotation.ts';
import type { Cli } from '../cli.ts';
import { facts, table } from '../table.ts';
import { relativeTime } from '../words.ts';

const STATES: Readonly<Record<Rotation['state'], string>> = {
  planned: 'planned',
  running: 'running',
  quarantine: 'quarantine',
  waiting: 'waiting',
  done: 'done',
  rolledBack: 'rolled back',
  refused: 'not begun',
};

export function stateWords({ state, needs }: Rotation): string {
  return needs === undefined ? STATES[state] : `${STATES[state]} (${needs})`;
}

export function planText(plan: RotationPlan, cli: Cli): string {
  const { user, mfaSerial, keys, steps, notes, blockers } = plan;
  const about: Array<readonly [string, string]> = [
    ['Key', `${plan.key} (${plan.accessKeyId})`],
    ['Account', plan.account],
  ];
  if (user !== undefined) about.push(['User', user]);
  if (mfaSerial !== undefined) about.push(['MFA', mfaSerial]);
  const upstream =
    keys.length === 0
      ? ''
      : `\n${table(
          [{ title: 'Keys of the user', fixed: true }, { title: 'Status', fixed: true }, { title: 'Last used' }],
          keys.map(({ accessKeyId, status, lastUsedAt }) => [accessKeyId, status, lastUsed(lastUsedAt, cli)]),
          { width: cli.width, header: cli.paint.dim },
        )}`;
  const numbered = steps.map((step, index) => `${index + 1}. ${step}\n`).join('');
  const remarks = [...notes, ...blockers.map(({ message }) => `In its way: ${message}`)];
  return `${facts(about)}${upstream}\n${numbered}${remarks.length === 0 ? '' : `\n${remarks.join('\n')}\n`}`;
}

function lastUsed(at: string | null | undefined, cli: Cli): string {
  if (at === undefined) return 'not known';
  return at === null ? 'never' : relativeTime(at, cli.now());
}

export function rotationText(rotation: Rotation, cli: Cli): string {
  const pairs: Array<readonly [string, string]> = [
    ['Key', rotation.key],
    ['Account', rotation.account],
    ['State', stateWords(rotation)],
    ['', rotation.message],
    ['Old', rotation.oldAccessKeyId],
  ];
  if (rotation.newAccessKeyId !== undefined) pairs.push(['New', rotation.newAccessKeyId]);
  if (rotation.user !== undefined) pairs.push(['User', rotation.user]);
  if (rotation.retryAt !== undefined) pairs.push(['Next try', relativeTime(rotation.retryAt, cli.now())]);
  const lines = rotation.evidence.map(({ at, step, text }) => `${at}  ${step.padEnd(10)}  ${text}\n`);
  return `${facts(pairs)}\n${lines.join('')}`;
}
