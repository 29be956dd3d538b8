import { transport } from '../../api/keyhold.ts';
import { pageClipboard } from '../../lib/page-clipboard.ts';

export const HELD_SECONDS = 20;

export type ClipboardEnd = 'cleared' | 'changed' | 'unseen';

/**
 * Copies a code for a while. Rejects when the shell refuses to copy. `ended` tells how it ended: emptied, or left alone because something else was copied since, or at once
 * where this browser does not let a page see what is there (`clears` is false then).
 */
export async function holdInClipboard(text: string): Promise<{ clears: boolean; ended: Promise<ClipboardEnd> }> {
  const { holdInClipboard: byShell } = transport;
  if (byShell !== undefined) return { clears: true, ended: byShell(text, HELD_SECONDS).catch(() => 'unseen') };
  await pageClipboard.copy(text);
  if (!(await mayLook())) return { clears: false, ended: Promise.resolve('unseen') };
  return { clears: true, ended: wait(HELD_SECONDS * 1000).then(() => clearIfUnchanged(text)) };
}

/** Only where it is allowed already: a question from the browser after 20 seconds would come out of nowhere. */
async function mayLook(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: CLIPBOARD_READ })).state === 'granted';
  } catch {
    return false;
  }
}

async function clearIfUnchanged(text: string): Promise<ClipboardEnd> {
  try {
    if (!(await mayLook())) return 'unseen';
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
