import type { Status } from '../../contract/schemas.ts';
import { createStore } from '../lib/store.ts';

export interface Notice {
  level: 'warning' | 'error';
  message: string;
}

/** A notice as the page shows it. What still holds cannot be put away. */
export interface Banner extends Notice {
  dismissable: boolean;
}

/** More are not kept: what is said over and over must not push the vault off the page. */
const KEPT = 20;

/** Said by the daemon and worth keeping until it is dismissed or the vault is locked, oldest first, e.g. that the audit log was changed. */
export const noticesStore = createStore<readonly Notice[]>([]);
/** What the status goes on saying although somebody has read it. */
export const putAwayStore = createStore<ReadonlySet<string>>(new Set<string>());

/** What is said again counts as new, and stands there once. */
export function addNotice({ level, message }: Notice): void {
  noticesStore.set((notices) => keepMost([...notices.filter((one) => one.message !== message), { level, message }]));
  putAwayStore.set((away) => (away.has(message) ? new Set([...away].filter((one) => one !== message)) : away));
}

/** Errors outlive warnings: that something was changed from outside is not lost among reminders. */
function keepMost(notices: readonly Notice[]): readonly Notice[] {
  if (notices.length <= KEPT) return notices;
  const warning = notices.findIndex(({ level }) => level === 'warning');
  return notices.toSpliced(Math.max(0, warning), 1);
}

export function dismissNotice(message: string): void {
  noticesStore.set((notices) => notices.filter((one) => one.message !== message));
  putAwayStore.set((away) => new Set([...away, message]));
}

/** A vault that was locked has nothing to say any more, and what no longer holds, e.g. that the disk is full, is not left standing. */
export function settleNotices(before: Status | null, status: Status): void {
  if (before?.state === 'unlocked' && status.state !== 'unlocked') noticesStore.set([]);
  const over = before?.warning;
  if (over === undefined || over === status.warning) return;
  noticesStore.set((notices) => notices.filter(({ message }) => message !== over));
}

/** Everything to be shown: errors first, then what holds at present, then the rest; the newest before older ones. */
export function bannersOf(
  { warning, notice }: Pick<Status, 'warning' | 'notice'>,
  notices: readonly Notice[],
  putAway: ReadonlySet<string>,
): Banner[] {
  const said = notices
    .filter(({ message }) => message !== warning)
    .toReversed()
    .map((one) => ({ ...one, dismissable: true }));
  const known = notice === undefined || putAway.has(notice) || said.some(({ message }) => message === notice);
  return [
    ...said.filter(({ level }) => level === 'error'),
    ...(warning === undefined ? [] : [{ level: 'warning' as const, message: warning, dismissable: false }]),
    ...said.filter(({ level }) => level === 'warning'),
    ...(known ? [] : [{ level: 'warning' as const, message: notice, dismissable: true }]),
  ];
}
