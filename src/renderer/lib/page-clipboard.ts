import { createClipboard, type PageClipboard } from './clipboard.ts';

/** One for the whole page, so that it also outlives the button that filled the clipboard. */
export const pageClipboard: PageClipboard = createClipboard({
  write: (text) => navigator.clipboard.writeText(text),
  after: (milliseconds, run) => {
    const timer = window.setTimeout(run, milliseconds);
    return () => window.clearTimeout(timer);
  },
  onFocus: (run) => {
    window.addEventListener('focus', run, { once: true });
    return () => window.removeEventListener('focus', run);
  },
});
