import { transport } from '../../api/keyhold.ts';
import { pageClipboard } from '../../lib/page-clipboard.ts';

export const HELD_SECONDS = 20;

export type ClipboardEnd = 'cleared' | 'changed' | 'unseen';

/**
 * Copies a code for a while. Rejects when the shell refuses to copy; the promise inside tells how it ended: emptied, or left alone because something else was copied
 * since, or because this browser does not let a page see what is there.
 */
export async function holdInClipboard(text: string): Promise<{ ended: Promise<ClipboardEnd> }> {
  const { holdInClipboard: byShell } = transport;
  if (byShell !== undefined) return { ended: byShell(text, HELD_SECONDS).catch(() => 'unseen') };
  await pageClipboard.copy(text);
  return { ended: wait(HELD_SECONDS * 1000).then(() => clearIfUnchanged(text)) };
}

async function clearIfUnchanged(text: string): Promise<ClipboardEnd> {
  try {
    // Only where it is allowed already: a question from the browser after 20 seconds would come out of nowhere.
    const { state } = await navigator.permissions.query({ name: CLIPBOARD_READ });
    if (state !== 'granted') return 'unseen';
    if ((await navigator.clipboard.readText()) !== text) return 'changed';
    await navigator.clipboard.writeText('');
    return 'cleared';
  } catch {
    return 'unseen';
  }
}

/** Known to Chromium, and not to the types of all browsers. */
const CLIPBOARD_READ: PermissionName = 'clipboard-read' as PermissionName;

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => window.setTimeout(resolve, milliseconds));
}
