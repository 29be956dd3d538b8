/** The keys of the app, once: the handler, the sheet and the hints in menus all read this list. */
export const SHORTCUTS = [
  { id: 'palette', keys: ['Mod', 'K'], label: 'Search everything', group: 'Anywhere' },
  { id: 'lock', keys: ['Mod', 'L'], label: 'Lock the vault', group: 'Anywhere' },
  { id: 'help', keys: ['?'], label: 'Show shortcuts', group: 'Anywhere' },
  { id: 'back', keys: ['Esc'], label: 'Step back once', group: 'Anywhere' },
  { id: 'home', keys: ['G', 'H'], label: 'Home', group: 'Go to' },
  { id: 'keys', keys: ['G', 'K'], label: 'Access keys', group: 'Go to' },
  { id: 'credentials', keys: ['G', 'W'], label: 'Passwords and SSH keys', group: 'Go to' },
  { id: 'rotation', keys: ['G', 'R'], label: 'Rotation', group: 'Go to' },
  { id: 'authenticator', keys: ['G', 'O'], label: 'Authenticator', group: 'Go to' },
  { id: 'accounts', keys: ['G', 'A'], label: 'Accounts', group: 'Go to' },
  { id: 'security-keys', keys: ['G', 'F'], label: 'Security keys', group: 'Go to' },
  { id: 'sign-ins', keys: ['G', 'I'], label: 'Sign-ins', group: 'Go to' },
  { id: 'profiles', keys: ['G', 'P'], label: 'Profiles', group: 'Go to' },
  { id: 'sessions', keys: ['G', 'N'], label: 'Sessions', group: 'Go to' },
  { id: 'clients', keys: ['G', 'C'], label: 'Clients', group: 'Go to' },
  { id: 'kms', keys: ['G', 'M'], label: 'KMS keys', group: 'Go to' },
  { id: 'encrypt', keys: ['G', 'E'], label: 'Encrypt', group: 'Go to' },
  { id: 'key-stores', keys: ['G', 'T'], label: 'Key stores', group: 'Go to' },
  { id: 'hsm', keys: ['G', 'D'], label: 'HSM', group: 'Go to' },
  { id: 'activity', keys: ['G', 'L'], label: 'Activity', group: 'Go to' },
  { id: 'panic', keys: ['G', 'B'], label: 'Break glass', group: 'Go to' },
  { id: 'settings', keys: ['G', 'S'], label: 'Settings', group: 'Go to' },
  { id: 'search', keys: ['/'], label: 'Search the list', group: 'In a list' },
  { id: 'add', keys: ['N'], label: 'Add', group: 'In a list' },
  { id: 'move', keys: ['↑', '↓'], label: 'Move', group: 'In a list' },
  { id: 'open', keys: ['Enter'], label: 'Go to the detail', group: 'In a list' },
  { id: 'copy', keys: ['C'], label: 'Copy the code', group: 'In a list' },
  { id: 'tick', keys: ['X'], label: 'Select the row', group: 'In a list' },
  { id: 'all', keys: ['Mod', 'A'], label: 'Select all rows', group: 'In a list' },
] as const;

export type ShortcutId = (typeof SHORTCUTS)[number]['id'];

export function isMac(platform: string = navigator.platform): boolean {
  return /^(Mac|iPhone|iPad)/.test(platform);
}

/** `⌘` on a Mac, `Ctrl` elsewhere, for the word `Mod`. */
export function keyLabel(key: string, mac: boolean): string {
  if (key === 'Mod') return mac ? '⌘' : 'Ctrl';
  return key;
}

export interface Stroke {
  key: string;
  ctrl: boolean;
  meta: boolean;
  alt: boolean;
  /** True while a text field has the focus: plain letters belong to it. */
  typing: boolean;
}

/**
 * What a key press means. `pending` is the first key of a two-key shortcut (`g`). Answers the shortcut, or the new pending key, or
 * neither.
 */
export function readStroke(
  stroke: Stroke,
  pending: string | null,
  mac: boolean,
): { shortcut?: ShortcutId; pending?: string } {
  const mod = mac ? stroke.meta && !stroke.ctrl : stroke.ctrl && !stroke.meta;
  const key = stroke.key.length === 1 ? stroke.key.toUpperCase() : stroke.key;
  if (mod && !stroke.alt) {
    if (key === 'K') return { shortcut: 'palette' };
    if (key === 'L') return { shortcut: 'lock' };
    return {};
  }
  if (stroke.typing || stroke.ctrl || stroke.meta || stroke.alt) return {};
  if (pending === 'G') {
    const goal = SHORTCUTS.find((one) => one.group === 'Go to' && one.keys[1] === key);
    return goal === undefined ? {} : { shortcut: goal.id };
  }
  if (key === 'G') return { pending: 'G' };
  if (key === '?') return { shortcut: 'help' };
  if (key === '/') return { shortcut: 'search' };
  if (key === 'N') return { shortcut: 'add' };
  return {};
}
