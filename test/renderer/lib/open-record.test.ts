import { expect, test } from 'vitest';
import { type OpenQuestion, openRecord } from '../../../src/renderer/lib/open-record.ts';

interface Row {
  id: string;
}
const rows = (...ids: string[]): Row[] => ids.map((id) => ({ id }));
const shownFor = (asked: string | null, id: string) => ({ scope: 'eu', asked, record: { id } });

function ask(change: Partial<OpenQuestion<Row>>) {
  const all = change.all ?? rows('a', 'b', 'c');
  return openRecord<Row>({
    idOf: ({ id }) => id,
    scope: 'eu',
    asked: null,
    all,
    rows: all,
    cursor: null,
    shown: null,
    beside: true,
    settled: true,
    ...change,
  });
}

test('the first row is shown where nothing was asked for, or the one that the list remembers', () => {
  expect(ask({})).toEqual({ record: { id: 'a' } });
  expect(ask({ cursor: 'b' })).toEqual({ record: { id: 'b' } });
  expect(ask({ cursor: 'gone long ago' })).toEqual({ record: { id: 'a' } });
  expect(ask({ beside: false })).toEqual({});
});

test('what is shown stays when a row comes to stand before it, or the search leaves it out', () => {
  const shown = shownFor(null, 'a');
  expect(ask({ shown, all: rows('0', 'a', 'b') })).toEqual({ record: { id: 'a' } });
  expect(ask({ shown, rows: rows('c') })).toEqual({ record: { id: 'a' } });
});

test('a record that was removed is not replaced by another', () => {
  const all = rows('b', 'c');
  expect(ask({ asked: 'a', shown: shownFor('a', 'a'), all, settled: false })).toEqual({ gone: { was: { id: 'a' } } });
  expect(ask({ shown: shownFor(null, 'a'), all })).toEqual({ gone: { was: { id: 'a' } } });
});

test('what an address names and is not there is said once the records are read', () => {
  expect(ask({ asked: 'x', settled: false })).toEqual({});
  expect(ask({ asked: 'x' })).toEqual({ gone: { was: undefined } });
  expect(openRecord<Row>({ ...BARE, asked: 'x', all: undefined })).toEqual({});
});

test('another choice of what the list is of, and going back to the bare list, begin anew', () => {
  expect(ask({ scope: 'us', shown: shownFor(null, 'x') })).toEqual({ record: { id: 'a' } });
  expect(ask({ shown: shownFor('x', 'x') })).toEqual({ record: { id: 'a' } });
});

test('what took the place of a record is shown in its stead', () => {
  const heir = (gone: Row, all: readonly Row[]) => all.find(({ id }) => id === `${gone.id}2`);
  expect(ask({ asked: 'a', shown: shownFor('a', 'a'), all: rows('b', 'a2'), heir })).toEqual({ record: { id: 'a2' } });
  expect(ask({ asked: 'a', shown: shownFor('a', 'a2'), all: rows('b', 'a2'), heir })).toEqual({ record: { id: 'a2' } });
  expect(ask({ asked: 'a', shown: shownFor('a', 'a'), all: rows('b'), heir })).toEqual({ gone: { was: { id: 'a' } } });
});

const BARE: OpenQuestion<Row> = {
  idOf: ({ id }) => id,
  scope: '',
  asked: null,
  all: [],
  rows: [],
  cursor: null,
  shown: null,
  beside: true,
  settled: true,
};
