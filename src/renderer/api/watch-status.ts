import type { QueryClient } from '@tanstack/react-query';
import { connectionStore, forgetOverdue, refreshStatus, statusStore } from './live.ts';

const EVERY_MS = 20_000;

/**
 * Keeps the status of the open vault true: the daemon tells of changes of its state alone, not that every use puts off the lock or that the disk has room
 * again. Answers how to stop.
 */
export function watchStatus(queries: QueryClient): () => void {
  const look = () => {
    if (statusStore.get()?.state !== 'unlocked') return;
    if (connectionStore.get() === 'up') void refreshStatus(queries);
    else forgetOverdue(queries, Date.now());
  };
  const timer = window.setInterval(look, EVERY_MS);
  // In a tab behind others the timer hardly runs.
  const onVisible = () => {
    if (document.visibilityState === 'visible') look();
  };
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    window.clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
