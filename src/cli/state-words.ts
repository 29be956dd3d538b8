import type { Status } from '../contract/schemas.ts';
import type { Cli } from './cli.ts';
import { facts } from './table.ts';
import { relativeTime } from './words.ts';

const LOCK_REASONS = {
  start: 'since it was started',
  request: 'on request',
  idle: 'after nothing happened for a while',
  'hsm-crashed': 'because its key process ended unexpectedly',
  restore: 'after a backup was restored',
  tampered: 'because it does not verify',
} as const;

/** The daemon's status for people. */
export function statusText(status: Status, cli: Cli): string {
  const pairs: Array<readonly [string, string]> = [['Vault', stateWord(status)]];
  if (status.lockDetail !== undefined) pairs.push(['Found', status.lockDetail]);
  if (status.warning !== undefined) pairs.push(['Warning', status.warning]);
  if (status.notice !== undefined) pairs.push(['Notice', status.notice]);
  if (status.state === 'unlocked' && status.locksAt !== undefined) {
    pairs.push(['Locks', relativeTime(status.locksAt, cli.now())]);
  }
  if (status.retryAfterSeconds !== undefined && status.retryAfterSeconds > 0) {
    pairs.push(['Next try', `in ${Math.ceil(status.retryAfterSeconds)} s`]);
  }
  pairs.push(['Door', status.endpoint ?? `closed: ${status.doorError ?? 'the vault is not ready'}`]);
  if (status.httpsEndpoint !== null) pairs.push(['HTTPS door', status.httpsEndpoint]);
  pairs.push(
    ['Folder', status.home],
    ['Process', `${status.pid}, started ${relativeTime(status.startedAt, cli.now())}`],
  );
  pairs.push(['Version', status.version]);
  return facts(pairs);
}

function stateWord(status: Status): string {
  if (status.state === 'none') return 'none yet: keyhold init';
  if (status.state === 'unlocked') return 'unlocked';
  return status.lockReason === undefined ? 'locked' : `locked ${LOCK_REASONS[status.lockReason]}`;
}
