import { createStore } from '../lib/store.ts';

export interface Toast {
  id: number;
  message: string;
  tone: 'plain' | 'error';
  /** It goes only when it is dismissed. */
  stays: boolean;
  action?: { label: string; run: () => void };
}

export const toastStore = createStore<readonly Toast[]>([]);

const SHOWN_MS = 6000;
/** Time to reach its button. */
const SHOWN_WITH_ACTION_MS = 10_000;
/** At most this many of those that go by themselves. */
const SHOWN = 3;

const timers = new Map<number, number>();
let held = false;
let nextId = 1;

/**
 * Says what was done, with a way back where there is one. Never a secret. What failed stays until it is dismissed, and so does what is `lasting`, e.g. a
 * path to note down.
 */
export function notify(toast: {
  message: string;
  tone?: Toast['tone'];
  lasting?: boolean;
  action?: Toast['action'];
}): void {
  const tone = toast.tone ?? 'plain';
  const shown: Toast = {
    id: nextId++,
    message: toast.message,
    tone,
    stays: tone === 'error' || toast.lasting === true,
    ...(toast.action === undefined ? {} : { action: toast.action }),
  };
  // An error that comes again is one error.
  toastStore.set((toasts) => [...toasts.filter((one) => !(one.tone === 'error' && isSame(one, shown))), shown]);
  const passing = toastStore.get().filter(({ stays }) => !stays);
  for (const { id } of passing.slice(0, -SHOWN)) dismissToast(id);
  if (!held) startTimer(shown);
}

export function dismissToast(id: number): void {
  window.clearTimeout(timers.get(id));
  timers.delete(id);
  toastStore.set((toasts) => toasts.filter((toast) => toast.id !== id));
}

/** While somebody points at them, or has the focus in them, none goes by itself; after that each has its time again. */
export function holdToasts(hold: boolean): void {
  if (held === hold) return;
  held = hold;
  for (const timer of timers.values()) window.clearTimeout(timer);
  timers.clear();
  if (!hold) for (const toast of toastStore.get()) startTimer(toast);
}

function startTimer({ id, stays, action }: Toast): void {
  if (stays) return;
  const ms = action === undefined ? SHOWN_MS : SHOWN_WITH_ACTION_MS;
  timers.set(
    id,
    window.setTimeout(() => dismissToast(id), ms),
  );
}

function isSame(one: Toast, other: Toast): boolean {
  return one.message === other.message && one.tone === other.tone;
}
