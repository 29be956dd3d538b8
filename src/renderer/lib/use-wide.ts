import { useSyncExternalStore } from 'react';

/** The same width as the `wide:` variant in ui/tokens.css: from here on list and detail stand side by side. */
const WIDE = '(min-width: 860px)';

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(WIDE);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(WIDE).matches);
}
