import { expect, test } from 'vitest';
import type { Params, Result } from '../../../../src/contract/methods.ts';
import type { AuditEvent } from '../../../../src/contract/schemas.ts';
import { mayMatch } from '../../../../src/renderer/features/activity/may-match.ts';
import { searchLog } from '../../../../src/renderer/features/activity/search-log.ts';
import { readUses } from '../../../../src/renderer/features/kms/read-uses.ts';
import { emptyVault, listFakeAudit } from '../../../support/fake-contract.ts';

const NOW = Date.parse('2026-11-28T12:00:00.000Z');
/** What one call looks at. */
const PART = 5120;

const timeAt = (seq: number, of: number, everyMs: number) => new Date(NOW - (of - seq) * everyMs).toISOString();

/** A log of `length` entries, one every `everyMs`, all of them other people's but those with the numbers `mine`. */
function logOf(length: number, mine: readonly number[], everyMs = 60_000, like: Partial<AuditEvent> = {}) {
  const vault = emptyVault();
  for (let seq = 1; seq <= length; seq++) {
    const event: AuditEvent = {
      id: String(seq),
      time: timeAt(seq, length, everyMs),
      kind: 'request',
      action: 'Encrypt',
      decision: 'allowed',
      actor: 'door',
      client: 'others',
    };
    vault.events.push(mine.includes(seq) ? { ...event, client: 'mine', ...like } : event);
  }
  const asked: Params<'audit.list'>[] = [];
  const list = async (params: Params<'audit.list'>): Promise<Result<'audit.list'>> => {
    asked.push(params);
    return listFakeAudit(vault, { ...params });
  };
  return { list, asked };
}

const search = { filters: [{ client: 'mine' }], limit: 8, keep: () => true, from: [undefined] };

test('an entry further back than one call looks is found', async () => {
  const { list, asked } = logOf(PART * 2 + 100, [50]);
  const found = await searchLog(list, search);
  expect(found.events.map(({ id }) => id)).toEqual(['50']);
  expect(asked).toHaveLength(3);
});

test('a search that was not finished says how far it went and goes on from there', async () => {
  const length = PART * 7;
  const { list } = logOf(length, [1]);
  const first = await searchLog(list, search);
  expect(first).toMatchObject({ events: [], next: [PART + 1], reached: timeAt(PART + 1, length, 60_000) });
  const second = await searchLog(list, { ...search, from: first.next });
  expect(second).toMatchObject({ events: [{ id: '1' }], reached: null });
});

test('that there is nothing is known once everything was looked at', async () => {
  const { list } = logOf(PART + 1, []);
  expect(await searchLog(list, search)).toEqual({ events: [], next: [null], reached: null });
});

test('of two searches the one that has come less far says what was looked at; one that is over is not begun again', async () => {
  const length = PART * 7;
  const { list, asked } = logOf(length, []);
  const answer = await searchLog(list, {
    ...search,
    filters: [{ client: 'mine' }, { client: 'nobody' }],
    from: [undefined, null],
  });
  expect(answer.next).toEqual([PART + 1, null]);
  expect(asked.filter((one) => one.client === 'nobody')).toEqual([]);
});

test('a search that nobody waits for ends', async () => {
  const { list, asked } = logOf(PART * 3, []);
  const stop = new AbortController();
  const waiting = searchLog(
    async (params) => {
      stop.abort();
      return list(params);
    },
    { ...search, signal: stop.signal },
  );
  await expect(waiting).rejects.toThrow('abort');
  expect(asked).toHaveLength(1);
});

test('an event that the daemon would leave out is no reason to read the log', () => {
  const event: AuditEvent = {
    id: '1',
    time: '2026-11-28T12:00:00.000Z',
    kind: 'request',
    action: 'GetObject',
    decision: 'allowed',
    actor: 'door',
    client: 'terraform',
    service: 's3',
  };
  expect(mayMatch({}, event)).toBe(true);
  expect(mayMatch({ client: 'terraform', text: 'getobj' }, event)).toBe(true);
  expect(mayMatch({ decision: 'denied' }, event)).toBe(false);
  expect(mayMatch({ profile: 'prod' }, event)).toBe(false);
  expect(mayMatch({ text: 'iam' }, event)).toBe(false);
  expect(mayMatch({ text: 'a "quoted" word' }, event)).toBe(true);
});

const KEY = { keyId: '1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9', region: 'eu-central-1' };
const USE = { service: 'kms', region: KEY.region, target: `arn:aws:kms:eu-central-1:1:key/${KEY.keyId}` };

test('the uses of a key are read back to the first of the days and no further', async () => {
  // One entry every ten minutes: 30 days are 4,320 of them, and a day more is for clocks.
  const { list, asked } = logOf(PART * 4, [PART * 4, PART * 4 - 144, 1], 600_000, USE);
  const read = await readUses(list, KEY, NOW);
  expect(read.counted).toMatchObject({ uses: 2, denied: 0 });
  expect([...read.ids]).toEqual([String(PART * 4), String(PART * 4 - 144)]);
  expect(read.partial).toBeNull();
  expect(asked.filter((one) => one.since !== undefined)).toHaveLength(1);
});

test('a key whose uses were not looked for everywhere is not called unused', async () => {
  const length = PART * 11;
  const { list } = logOf(length, [1], 1000, USE);
  const read = await readUses(list, KEY, NOW);
  expect(read.counted.uses).toBe(0);
  expect(read.partial).toEqual({ reached: timeAt(PART + 1, length, 1000) });
});
