import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arrange,
  byInstant,
  byText,
  choose,
  type Filter,
  type Sort,
  withoutMissing,
} from '../../../src/renderer/lib/list-model.ts';

interface Row {
  name: string;
  used?: string;
  state: 'on' | 'off';
  due: boolean;
}

const ROWS: readonly Row[] = [
  { name: 'key-10', state: 'on', due: true, used: '2026-01-01T00:00:00.000Z' },
  { name: 'key-9', state: 'off', due: false },
  { name: 'Alpha prod', state: 'on', due: false, used: '2026-02-01T00:00:00.000Z' },
];
const sorts: readonly Sort<Row>[] = [
  { id: 'name', label: 'Name', compare: byText((row) => row.name) },
  { id: 'used', label: 'Used', compare: byInstant((row) => row.used) },
];
const filters: readonly Filter<Row>[] = [
  { id: 'on', label: 'On', group: 'state', keep: (row) => row.state === 'on' },
  { id: 'off', label: 'Off', group: 'state', keep: (row) => row.state === 'off' },
  { id: 'due', label: 'Due', group: 'age', keep: (row) => row.due },
];
const text = (row: { name: string }) => row.name;
const names = ({ search = '', sort = '', filters: on = [] }: { search?: string; sort?: string; filters?: string[] }) =>
  choose(arrange(ROWS, sort, { text, sorts }), { search, filters: on }, filters).map(text);

describe('a view', () => {
  test('sorts by its first order unless told otherwise, numbers as numbers', () => {
    expect(names({})).toEqual(['Alpha prod', 'key-9', 'key-10']);
    expect(names({ sort: 'used' })).toEqual(['Alpha prod', 'key-10', 'key-9']);
    expect(names({ sort: 'unknown' })).toEqual(['Alpha prod', 'key-9', 'key-10']);
  });

  test('chips of one group widen, chips of two groups narrow', () => {
    expect(names({ filters: ['on', 'off'] })).toHaveLength(3);
    expect(names({ filters: ['on', 'due'] })).toEqual(['key-10']);
    expect(names({ filters: ['off', 'due'] })).toEqual([]);
  });

  test('leaves the list it was given alone', () => {
    const frozen = Object.freeze([...ROWS]);
    arrange(frozen, 'name', { text, sorts });
    expect(frozen.map((row) => row.name)).toEqual(ROWS.map((row) => row.name));
  });
});

test('a search finds every word in any order and case', () => {
  expect(names({ search: 'PROD alp' })).toEqual(['Alpha prod']);
  expect(names({ search: '  ' })).toHaveLength(3);
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, search) => {
      const rows = arrange([{ name: `${name} ${search}` }], '', { text, sorts: [] });
      expect(choose(rows, { search, filters: [] }, [])).toHaveLength(1);
    }),
  );
});

test('ticks of what is gone are dropped, and the set stays the same where nothing is', () => {
  const ticked = new Set(['a', 'b']);
  expect(withoutMissing(ticked, [{ id: 'b' }, { id: 'c' }])).toEqual(new Set(['b']));
  expect(withoutMissing(ticked, [{ id: 'a' }, { id: 'b' }, { id: 'c' }])).toBe(ticked);
  expect(withoutMissing(ticked, undefined)).toBe(ticked);
});
