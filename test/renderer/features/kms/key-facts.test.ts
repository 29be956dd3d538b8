import { describe, expect, test } from 'vitest';
import type { AuditEvent } from '../../../../src/contract/schemas.ts';
import { addUses, countUses, isUse } from '../../../../src/renderer/features/kms/count-uses.ts';
import { rotationMoments } from '../../../../src/renderer/features/kms/rotation-moments.ts';
import { deletionDays, wholeNumber } from '../../../../src/renderer/features/kms/waiting-period.ts';
import { sampleKms } from '../../../support/fake-kms.ts';

const DAY = 86_400_000;
/** Noon, so that a day back is a day back in any time zone. */
const NOW = Date.parse('2026-11-28T12:00:00.000Z');

const event = (daysAgo: number, change: Partial<AuditEvent> = {}): AuditEvent => ({
  id: String(daysAgo),
  time: new Date(NOW - daysAgo * DAY).toISOString(),
  kind: 'request',
  action: 'Encrypt',
  decision: 'allowed',
  actor: 'door',
  service: 'kms',
  ...change,
});

describe('uses of a key', () => {
  test('are counted by day and by operation, denied ones too, as often as an entry stands for', () => {
    const counted = countUses(
      [event(0), event(0, { decision: 'denied', count: 5 }), event(3, { action: 'Decrypt', count: 20 }), event(40)],
      30,
      NOW,
    );
    expect(counted.days).toHaveLength(30);
    expect(counted.days.at(-1)).toEqual({ label: '28 Nov', allowed: 1, denied: 5 });
    expect(counted.days.at(-4)).toEqual({ label: '25 Nov', allowed: 20, denied: 0 });
    expect(counted).toMatchObject({ uses: 26, denied: 5 });
    expect(counted.operations).toEqual([
      { operation: 'Decrypt', count: 20 },
      { operation: 'Encrypt', count: 6 },
    ]);
  });

  test('what the feed told of since is added to what the log told of', () => {
    const read = countUses([event(0), event(3, { action: 'Decrypt' })], 30, NOW);
    const both = addUses(read, countUses([event(0, { action: 'Decrypt', count: 2 }), event(40)], 30, NOW));
    expect(both).toEqual(
      countUses([event(0), event(3, { action: 'Decrypt' }), event(0, { action: 'Decrypt', count: 2 })], 30, NOW),
    );
  });

  test('days follow the calendar where the clocks change', () => {
    const days = countUses([], 60, NOW).days.map((day) => day.label);
    expect(new Set(days).size).toBe(60);
  });

  test('reading about a key, and other services, are none', () => {
    expect(isUse(event(0))).toBe(true);
    expect(isUse(event(0, { action: 'DescribeKey' }))).toBe(false);
    expect(isUse(event(0, { service: 's3' }))).toBe(false);
    expect(isUse(event(0, { kind: 'change' }))).toBe(false);
  });
});

describe('a key’s timeline', () => {
  const [key] = sampleKms(1, NOW).keys;
  if (key === undefined) throw new Error('the sample has a key');
  const material = (daysAgo: number, type: 'AUTOMATIC' | 'ON_DEMAND') => ({
    KeyMaterialId: String(daysAgo),
    KeyMaterialState: 'NON_CURRENT' as const,
    RotationDate: new Date(NOW - daysAgo * DAY).toISOString(),
    RotationType: type,
  });
  const first = { KeyMaterialId: 'first', KeyMaterialState: 'NON_CURRENT' as const };

  test('begins with the key, has each rotation, now and the next', () => {
    const moments = rotationMoments(key, [first, material(100, 'AUTOMATIC'), material(20, 'ON_DEMAND')], NOW);
    const kinds = moments.sort((a, b) => a.at - b.at).map((moment) => moment.kind);
    expect(kinds).toEqual(['begin', 'automatic', 'manual', 'now', 'next']);
  });

  test('a rotation that is late is not put before now; without a plan there is none', () => {
    const late = { ...key, rotation: { periodInDays: 90, nextAt: new Date(NOW - DAY).toISOString() } };
    expect(rotationMoments(late, [], NOW).find((moment) => moment.kind === 'next')?.at).toBe(NOW);
    const { rotation: _, ...without } = key;
    expect(rotationMoments(without, [], NOW).some((moment) => moment.kind === 'next')).toBe(false);
  });
});

test('whole days within AWS’s bounds, and nothing else that a person types', () => {
  expect(['7', ' 30 ', '15'].map(deletionDays)).toEqual([7, 30, 15]);
  expect(['6', '31', '', '7.5', '1e1', '-7', 'seven'].map(deletionDays)).toEqual(Array(7).fill(null));
  expect(wholeNumber('2560', 90, 2560)).toBe(2560);
});
