import { expect, test } from 'vitest';
import { type SearchFacts, searchProgress } from '../../../../src/renderer/features/activity/search-progress.ts';

const facts = (change: Partial<SearchFacts>): SearchFacts => ({
  narrowed: true,
  found: 0,
  wantedAfter: null,
  hasNextPage: true,
  isFetching: false,
  isStopped: false,
  hasFailed: false,
  ...change,
});

test.each([
  ['too little was found', {}, 'searching'],
  ['enough was found', { found: 50 }, 'waiting'],
  ['the last of them was scrolled to', { found: 50, isFetching: true, wantedAfter: 50 }, 'searching'],
  ['the part that was read for that had none', { found: 50, wantedAfter: 50 }, 'searching'],
  ['that part had one', { found: 51, wantedAfter: 50 }, 'waiting'],
  ['somebody stopped it', { found: 50, wantedAfter: 50, isStopped: true }, 'stopped'],
  ['the log has no older entry', { found: 50, wantedAfter: 50, hasNextPage: false }, 'done'],
  ['a part could not be read', { hasFailed: true }, 'failed'],
  ['no filter leaves anything out', { narrowed: false, found: 20, wantedAfter: 20 }, 'waiting'],
] satisfies [string, Partial<SearchFacts>, string][])('%s', (_, change, wanted) => {
  expect(searchProgress(facts(change))).toBe(wanted);
});
