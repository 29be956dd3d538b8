import type { QueryClient } from '@tanstack/react-query';
import type { AuditEvent, MfaPrompt, Status } from '../../contract/schemas.ts';
import { forgetLists } from '../lib/list-state.ts';
import { createStore } from '../lib/store.ts';
import { notify } from '../ui/toast-store.ts';
import { asWireError } from './error.ts';
import { gather } from './gather.ts';
import { call, transport } from './keyhold.ts';
import { mergeFeed } from './merge-feed.ts';
import { addNotice, noticesStore, settleNotices } from './notices.ts';
import type { Connection } from './transport.ts';

export const connectionStore = createStore<Connection>('connecting');
/** null until the daemon answered once. */
export const statusStore = createStore<Status | null>(null);
/** Why the first status could not be had. */
export const statusErrorStore = createStore<ReturnType<typeof asWireError> | null>(null);
/** The newest events, newest first. */
export const feedStore = createStore<readonly AuditEvent[]>([]);

/** What somebody has to do with a security key, the oldest first. */
export const promptStore = createStore<readonly MfaPrompt[]>([]);

/** Takes a status as the truth, and forgets what the page knew of a vault that is no longer open. */
export function acceptStatus(status: Status, queries: QueryClient): void {
  const before = statusStore.get();
  if (before?.state === 'unlocked' && status.state !== 'unlocked') forgetVault(queries);
  settleNotices(before, status);
  statusErrorStore.set(null);
  statusStore.set(status);
}

function forgetVault(queries: QueryClient): void {
  queries.removeQueries();
  queries.clear();
  feedStore.set([]);
  forgetLists();
}

/** Answers whether the daemon did. */
export async function refreshStatus(queries: QueryClient): Promise<boolean> {
  const before = statusStore.get();
  try {
    const status = await call('status.get', {});
    // One that came meanwhile is newer: the vault may have been locked since this was asked.
    if (statusStore.get() === before) acceptStatus(status, queries);
    return true;
  } catch (error) {
    statusErrorStore.set(asWireError(error));
    return false;
  }
}

/**
 * With the daemon out of reach nobody says when the vault locks: once it must have, the page keeps nothing of it. Answers whether it was time.
 */
export function forgetOverdue(queries: QueryClient, now: number): boolean {
  const status = statusStore.get();
  if (status?.state !== 'unlocked' || status.locksAt === undefined || now < Date.parse(status.locksAt)) return false;
  forgetVault(queries);
  noticesStore.set([]);
  statusStore.set(null);
  statusErrorStore.set({ code: 'Unreachable', message: OVERDUE });
  return true;
}

const OVERDUE =
  'Keyhold is not answering, and the vault was to lock itself by now. This page has put away what it showed.';

/** Last uses reach the page with the lists alone, and a busy tool must not make it read them all the time. */
const USES_REFRESH_MS = 5000;

/** Follows the daemon for the life of the page. */
export function startLive(queries: QueryClient): () => void {
  let waiting = false;
  const refreshUses = () => {
    if (waiting) return;
    waiting = true;
    window.setTimeout(() => {
      waiting = false;
      for (const list of ['keys', 'clients']) void queries.invalidateQueries({ queryKey: [list] });
    }, USES_REFRESH_MS);
  };
  const reread = gather((what: string) => queries.invalidateQueries({ queryKey: [what] }));
  return transport.subscribe({
    connection(connection) {
      const before = connectionStore.get();
      connectionStore.set(connection);
      if (connection !== 'up' || before === 'up') return;
      // Events missed while away are not sent again: re-read everything.
      void refreshStatus(queries).then(() => queries.invalidateQueries());
      void readPrompts();
    },
    event(event) {
      switch (event.type) {
        case 'status':
          acceptStatus(event.status, queries);
          break;
        case 'audit':
          feedStore.set((feed) => mergeFeed(feed, [event.event]));
          if (event.event.kind === 'request' && event.event.decision === 'allowed') refreshUses();
          break;
        case 'changed':
          for (const what of event.what) reread(what);
          break;
        case 'rekey':
          queries.setQueryData(['keyRotation'], event.progress);
          break;
        case 'mfa.prompt':
          promptStore.set((prompts) => withPrompt(prompts, event.prompt));
          break;
        case 'mfa.promptDone':
          promptStore.set((prompts) => prompts.filter(({ id }) => id !== event.id));
          break;
        case 'notice':
          if (event.level === 'info') notify({ message: event.message });
          else addNotice({ level: event.level, message: event.message });
          break;
      }
    },
  });
}

/** One that comes again has changed, and keeps its place. */
function withPrompt(prompts: readonly MfaPrompt[], prompt: MfaPrompt): MfaPrompt[] {
  const known = prompts.some(({ id }) => id === prompt.id);
  return known ? prompts.map((one) => (one.id === prompt.id ? prompt : one)) : [...prompts, prompt];
}

async function readPrompts(): Promise<void> {
  try {
    promptStore.set((await call('mfa.prompts', {})).prompts);
  } catch {
    // They are a help to who stands at the key; whoever asked for it is told of errors.
    promptStore.set([]);
  }
}
