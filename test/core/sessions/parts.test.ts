import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { Role } from '../../../src/contract/roles.ts';
import { backOff, type SessionFailure } from '../../../src/core/sessions/failures.ts';
import { refreshTime } from '../../../src/core/sessions/refresh-time.ts';
import { sessionName } from '../../../src/core/sessions/session-name.ts';

describe('a session’s name', () => {
  const values = { profile: 'prod', client: 'aws cli (exec)' };
  test('is the template filled in, without what AWS refuses', () => {
    expect(sessionName(undefined, values, 0)).toBe('keyhold-prod');
    expect(sessionName('{client}@{time}', values, 1_764_000_000_999)).toBe('aws-cli--exec-@1764000000');
    expect(sessionName('{profile}{profile}', { ...values, profile: 'p'.repeat(64) }, 0)).toHaveLength(64);
    expect(sessionName('{profile}', { ...values, profile: 'ü' }, 0)).toBe('--');
  });

  test('is one that AWS takes, whatever the names', () => {
    const template = fc.array(fc.constantFrom('{profile}', '{client}', '{time}', 'x', '@', '.'), { minLength: 2 });
    fc.assert(
      fc.property(template, fc.string(), fc.string(), (parts, profile, client) => {
        const given = Role.shape.sessionName.safeParse(parts.join(''));
        if (given.success) expect(sessionName(given.data, { profile, client }, 0)).toMatch(/^[\w+=,.@-]{2,64}$/);
      }),
    );
  });
});

test('a refresh is due within the last quarter of a session, or at most 20 minutes before its end', () => {
  const seconds = fc.integer({ min: 900, max: 129_600 });
  fc.assert(
    fc.property(seconds, fc.uint8Array({ minLength: 2, maxLength: 2 }), (lasts, bytes) => {
      const expiresAt = lasts * 1000;
      const due = refreshTime({ obtainedAt: 0, expiresAt }, { bytes: () => bytes });
      expect(due).toBeGreaterThanOrEqual(expiresAt * (1 - 1 / 3));
      expect(expiresAt - due).toBeLessThanOrEqual(20 * 60_000);
      expect(expiresAt - due).toBeGreaterThanOrEqual(Math.min(15 * 60_000, expiresAt / 4));
    }),
  );
});

describe('a failure', () => {
  const refused = new KeyholdError('ServiceRefused', 'no');
  const fail = (before: SessionFailure | undefined, error: unknown, now: number, settings = 's') =>
    backOff(before, error, { settings, now });

  test('stands twice as long each time, up to five minutes', () => {
    let failure: SessionFailure | undefined;
    const waits = Array.from({ length: 7 }, (_, i) => {
      failure = fail(failure, refused, i);
      return (failure?.retryAt ?? 0) - i;
    });
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    expect(fail(failure, new KeyholdError('Unreachable', 'no'), 0)).toMatchObject({ times: 1, retryAt: 2000 });
    expect(fail(failure, refused, 0, 'other')).toMatchObject({ times: 1 });
  });

  test('that a person or the vault is the reason of does not stand, nor hide the one before', () => {
    expect(fail(undefined, new KeyholdError('NotFound', 'no device'), 5)).toMatchObject({ retryAt: 5 });
    const before = fail(undefined, refused, 0);
    for (const code of ['Locked', 'Cancelled', 'TouchRequired'] as const) {
      expect(fail(before, new KeyholdError(code, 'x'), 9)).toBe(before);
    }
    expect(fail(undefined, new Error('a defect'), 0)).toBeUndefined();
  });
});
