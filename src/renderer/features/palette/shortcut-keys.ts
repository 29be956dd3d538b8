import { SHORTCUTS, type ShortcutId } from '../../lib/shortcuts.ts';

/** The keys of a shortcut, for a hint beside an entry. */
export function shortcutKeys(id: ShortcutId): readonly string[] {
  return SHORTCUTS.find((shortcut) => shortcut.id === id)?.keys ?? [];
}
