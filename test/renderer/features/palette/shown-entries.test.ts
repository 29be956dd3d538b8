import { expect, test } from 'vitest';
import { type Entry, shownEntries } from '../../../../src/renderer/features/palette/shown-entries.ts';

const entries = (group: string, count: number): Entry[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${group}:${index}`,
    group,
    label: `${group} ${index}`,
    icon: null,
    run: () => undefined,
  }));
const actions = [...entries('Actions', 21), ...entries('Go to', 19)];
const objects = [...entries('Access keys', 40), ...entries('Clients', 3)];
const counts = (search: string) =>
  shownEntries({ actions, objects }, search).map(({ group, entries: shown, of }) => [group, shown.length, of]);

test('every action and every screen is offered, and with nothing typed they alone', () => {
  expect(counts('')).toEqual([
    ['Actions', 21, 21],
    ['Go to', 19, 19],
  ]);
});

test('objects are found by name, the first of each kind', () => {
  expect(counts('keys')).toEqual([['Access keys', 16, 40]]);
  expect(counts('clients 2')).toEqual([['Clients', 1, 1]]);
  expect(counts('nothing of the kind')).toEqual([]);
});
