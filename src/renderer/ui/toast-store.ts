import { createStore } from '../lib/store.ts';

export interface Toast {
  id: number;
  message: string;
  tone: 'plain' | 'error';
  action?: { label: string; run: () => void };
}

export const toastStore = createStore<readonly Toast[]>([]);

const SHOWN_MS = 6000;
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
  const id = nextId++;
  const shown: Toast = {
    id,
    message: toast.message,
    tone: toast.tone ?? 'plain',
    ...(toast.action === undefined ? {} : { action: toast.action }),
  };
  toastStore.set((toasts) => [...toasts.slice(-2), shown]);
  if (shown.tone !== 'error' && toast.lasting !== true) window.setTimeout(() => dismissToast(id), SHOWN_MS);
}

export function dismissToast(id: number): void {
  toastStore.set((toasts) => toasts.filter((toast) => toast.id !== id));
}
