import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { navigate, SCREENS } from '../../lib/router.ts';
import { screenCommands } from '../../lib/screen-commands.ts';
import { isMac, readStroke, type ShortcutId } from '../../lib/shortcuts.ts';
import { closeDialog, dialogStore, openDialog } from '../dialogs/dialog-store.ts';
import { lockVault } from './lock.ts';

const CHORD_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  // A switch or a box to tick takes no letters.
  if (target instanceof HTMLInputElement && /^(checkbox|radio|button)$/.test(target.type)) return false;
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Listens for the shortcuts of lib/shortcuts.ts on the whole page. */
export function useShortcuts(): void {
  const queries = useQueryClient();
  const pending = useRef<string | null>(null);
  useEffect(() => {
    let timer = 0;
    const run = (shortcut: ShortcutId): boolean => {
      const open = dialogStore.get();
      if (shortcut === 'lock') void lockVault(queries);
      else if (shortcut === 'palette' && open?.kind === 'palette') closeDialog();
      // A dialog keeps the keys to itself, except for locking.
      else if (open !== null || document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return false;
      else if (shortcut === 'palette') openDialog({ kind: 'palette' });
      else if (shortcut === 'help') openDialog({ kind: 'help' });
      else if (shortcut === 'search') screenCommands().search?.();
      else if (shortcut === 'add') screenCommands().add?.();
      else {
        const screen = SCREENS.find((one) => one === shortcut);
        if (screen === undefined) return false;
        navigate(screen);
      }
      return true;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const read = readStroke(
        { key: event.key, ctrl: event.ctrlKey, meta: event.metaKey, alt: event.altKey, typing: isTyping(event.target) },
        pending.current,
        isMac(),
      );
      pending.current = read.pending ?? null;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        pending.current = null;
      }, CHORD_MS);
      if (read.shortcut !== undefined && run(read.shortcut)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => {
      window.clearTimeout(timer);
      window.removeEventListener('keydown', onKeyDown);
    };
  }, [queries]);
}
