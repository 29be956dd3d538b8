import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AuditEvent } from '../../../src/contract/schemas.ts';
import { RefusalWindows, SINGLY, WINDOW_MS } from '../../../src/core/audit/refusal-windows.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function start() {
  const clock = createFakeClock();
  const written: AuditEvent[] = [];
  let ids = 0;
  const windows = new RefusalWindows({
    clock,
    newId: () => `id-${++ids}`,
    write: (event) => void written.push(event),
  });
  let sent = 0;
  const refuse = (kind: string, times: number, more: Partial<AuditEvent> = {}): void => {
    for (let i = 0; i < times; i++) {
      windows.record(kind, {
        id: `event-${++sent}`,
        time: new Date(clock.now()).toISOString(),
        kind: 'request',
        action: `Action${sent}`,
        decision: 'denied',
        actor: 'door',
        reason: `reason ${sent}`,
        ...more,
      });
    }
  };
  const accounted = (): number => written.reduce((sum, { count = 1 }) => sum + count, 0);
  return { clock, windows, written, refuse, accounted, sent: () => sent };
}

test('a few are written as they are, at once', () => {
  const { clock, written, refuse } = start();
  refuse('bad', SINGLY);
  expect(written.map(({ id }) => id)).toEqual(Array.from({ length: SINGLY }, (_, i) => `event-${i + 1}`));
  clock.advance(WINDOW_MS);
  expect(written).toHaveLength(SINGLY);
  expect(clock.pending()).toBe(0);
  refuse('bad', SINGLY);
  expect(written).toHaveLength(2 * SINGLY);
});

test('more than that in a minute become one entry with their number', () => {
  const { clock, written, refuse, accounted } = start();
  const begin = clock.now();
  refuse('bad', SINGLY);
  clock.advance(10_000);
  refuse('bad', 500);
  clock.advance(20_000);
  refuse('bad', 480);
  expect(written).toHaveLength(SINGLY);
  clock.advance(30_000);
  expect(written).toHaveLength(SINGLY + 1);
  const at = (milliseconds: number): string => new Date(begin + milliseconds).toISOString();
  expect(written.at(-1)).toEqual({
    id: 'id-1',
    time: at(60_000),
    kind: 'request',
    actor: 'door',
    decision: 'denied',
    action: 'refused',
    reason: `980 requests from ${at(10_000)} to ${at(30_000)}, counted and not listed one by one; the last: reason 1000`,
    count: 980,
  });
  expect(accounted()).toBe(1000);
});

test('while a flood goes on, each minute is one entry; after a calm one they are written singly again', () => {
  const { clock, written, refuse, accounted, sent } = start();
  for (const times of [300, 200, 100]) {
    refuse('bad', times);
    clock.advance(WINDOW_MS);
  }
  expect(written.slice(SINGLY).map(({ count }) => count)).toEqual([280, 200, 100]);
  refuse('bad', 5);
  clock.advance(WINDOW_MS);
  expect(written.at(-1)?.count).toBe(5);
  expect(clock.pending()).toBe(0);
  refuse('bad', 3);
  expect(written.slice(-3).map(({ id }) => id)).toEqual(['event-606', 'event-607', 'event-608']);
  expect(accounted()).toBe(sent());
});

test('a count of one is that entry itself', () => {
  const { clock, written, refuse } = start();
  refuse('bad', SINGLY + 1);
  clock.advance(WINDOW_MS);
  expect(written.at(-1)).toMatchObject({ id: `event-${SINGLY + 1}`, action: `Action${SINGLY + 1}` });
  expect(written.at(-1)).not.toHaveProperty('count');
});

test('kinds are counted apart, and a summary names the client whose key was used', () => {
  const { clock, written, refuse } = start();
  const client = { client: 'laptop', clientKeyId: 'KHLD1', profile: 'prod', account: 'main', service: 's3' };
  refuse('unknown', 30, { clientKeyId: 'AKIAWHATEVER' });
  refuse('bad laptop', 40, client);
  refuse('calm', 1);
  clock.advance(WINDOW_MS);
  const [unknown, laptop, ...none] = written.filter(({ count }) => count !== undefined);
  expect(unknown?.count).toBe(10);
  expect(unknown).not.toHaveProperty('clientKeyId');
  expect(laptop).toMatchObject({ count: 20, client: 'laptop', clientKeyId: 'KHLD1', profile: 'prod', account: 'main' });
  expect(laptop).not.toHaveProperty('service');
  expect(none).toEqual([]);
});

test('settling writes what was counted so far', () => {
  const { clock, windows, written, refuse } = start();
  refuse('a', 25);
  refuse('b', 2);
  windows.settle();
  expect(written.at(-1)?.count).toBe(5);
  expect(clock.pending()).toBe(0);
  windows.settle();
  expect(written).toHaveLength(SINGLY + 2 + 1);
});

test('every refusal is accounted for, however they come (property)', () => {
  const step = fc.record({ kind: fc.constantFrom('a', 'b', 'c'), times: fc.nat(60), wait: fc.nat(2 * WINDOW_MS) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { clock, windows, refuse, accounted, sent } = start();
      for (const { kind, times, wait } of steps) {
        refuse(kind, times);
        clock.advance(wait);
      }
      windows.settle();
      expect(accounted()).toBe(sent());
    }),
    { seed: 4587 },
  );
});
