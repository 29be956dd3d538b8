import { expect, test } from 'vitest';
import { isMac, readStroke, SHORTCUTS } from '../../../src/renderer/lib/shortcuts.ts';

const stroke = (key: string, more: Partial<Parameters<typeof readStroke>[0]> = {}) => ({
  key,
  ctrl: false,
  meta: false,
  alt: false,
  typing: false,
  ...more,
});

test('Ctrl+K and ⌘K open the palette, each on its own platform, also while typing', () => {
  expect(readStroke(stroke('k', { ctrl: true, typing: true }), null, false)).toEqual({ shortcut: 'palette' });
  expect(readStroke(stroke('k', { meta: true }), null, true)).toEqual({ shortcut: 'palette' });
  expect(readStroke(stroke('k', { ctrl: true }), null, true)).toEqual({});
  expect(readStroke(stroke('l', { ctrl: true }), null, false)).toEqual({ shortcut: 'lock' });
});

test('plain letters belong to a text field', () => {
  for (const key of ['?', '/', 'n', 'g']) {
    expect(readStroke(stroke(key, { typing: true }), null, false)).toEqual({});
    expect(readStroke(stroke(key, { typing: true }), 'G', false)).toEqual({});
  }
});

test('g waits for a second key, and each Go to has its own', () => {
  expect(readStroke(stroke('g'), null, false)).toEqual({ pending: 'G' });
  const goals = SHORTCUTS.filter((one) => one.group === 'Go to');
  for (const goal of goals) {
    expect(readStroke(stroke((goal.keys[1] ?? '').toLowerCase()), 'G', false)).toEqual({ shortcut: goal.id });
  }
  expect(new Set(goals.map((goal) => goal.keys[1])).size).toBe(goals.length);
  expect(readStroke(stroke('z'), 'G', false)).toEqual({});
});

test('knows a Mac by its platform', () => {
  expect(isMac('MacIntel')).toBe(true);
  expect(isMac('Linux x86_64')).toBe(false);
});
