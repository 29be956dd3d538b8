import type { QueryClient } from '@tanstack/react-query';
import { forgetOverdue, refreshStatus, statusStore } from './live.ts';

const EVERY_MS = 20_000;

/**
 * Keeps the status of the open vault true: the daemon tells of changes of its state alone, not that every use puts off the lock or that the disk has room
 * again. Answers how to stop.
 */
export function watchStatus(queries: QueryClient): () => void {
  const look = async () => {
    if (statusStore.get()?.state !== 'unlocked') return;
    // Asked whatever the connection says: that is about the stream of events, of which the daemon has only so many to give.
    if (!(await refreshStatus(queries))) forgetOverdue(queries, Date.now());
  };
  const timer = window.setInterval(() => void look(), EVERY_MS);
  // In a tab behind others the timer hardly runs.
  const onVisible = () => {
    if (document.visibilityState === 'visible') void look();
  };
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    window.clearInterval(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
