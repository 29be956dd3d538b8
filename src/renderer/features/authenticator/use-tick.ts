import { useSyncExternalStore } from 'react';

const EVERY_MS = 250;
const listeners = new Set<() => void>();
let timer = 0;
let beat = 0;

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    timer = window.setInterval(() => {
      beat += 1;
      for (const one of listeners) one();
    }, EVERY_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.clearInterval(timer);
  };
}

/** The time by the daemon's clock, four times a second: one timer for all rings in view. */
export function useTick(aheadMs: number): number {
  useSyncExternalStore(subscribe, () => beat);
  return Date.now() + aheadMs;
}
