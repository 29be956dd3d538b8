import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chainWords, profileLines } from '../../src/cli/profile/profile-words.ts';
import { roleOf } from '../../src/cli/profile/role-options.ts';
import { lasting } from '../../src/cli/words.ts';
import type { Profile } from '../../src/contract/schemas.ts';

const ARN = 'arn:aws:iam::222222222222:role/deploy';

test('options of a role are put together, and on top of what it was', () => {
  expect(roleOf({})).toBeUndefined();
  expect(roleOf({ key: 'alice', duration: 3600, mfaSerial: 'x' })).toBeUndefined();
  expect(() => roleOf({ externalId: 'x' })).toThrow('name it with --role-arn');
  expect(roleOf({ roleArn: ARN, duration: 900, tag: { a: 'b' } })).toEqual({
    arn: ARN,
    durationSeconds: 900,
    tags: { a: 'b' },
  });
  const before = { arn: ARN, externalId: 'x', tags: { a: 'b' } };
  expect(roleOf({}, before)).toBeUndefined();
  expect(roleOf({ externalId: 'y', duration: 900 }, before)).toEqual({
    ...before,
    externalId: 'y',
    durationSeconds: 900,
  });
});

test('a session policy comes from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kh-role-'));
  try {
    const file = join(folder, 'policy.json');
    writeFileSync(file, '{"Statement":[]}\n');
    expect(roleOf({ roleArn: ARN, sessionPolicy: file })).toEqual({ arn: ARN, policy: '{"Statement":[]}' });
    expect(() => roleOf({ roleArn: ARN, sessionPolicy: join(folder, 'none') })).toThrow('none');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a profile is told with its chain and its limits', () => {
  const base = { accountId: '222222222222', account: 'prod', region: 'eu-central-1', createdAt: '', clients: 0 };
  const hub: Profile = { ...base, id: '1', name: 'hub', key: 'alice' };
  const far: Profile = {
    ...base,
    id: '2',
    name: 'far',
    source: 'deploy',
    chain: ['deploy', 'hub'],
    role: { arn: ARN, tags: { team: 'ops', cost: '1' }, transitiveTagKeys: ['team'] },
    session: { kind: 'chained-role', seconds: 1800, mostSeconds: 3600 },
  };
  expect(chainWords(far, [hub, far])).toBe('deploy ← hub ← key alice');
  expect(chainWords(hub, [hub])).toBe('key alice');
  expect(chainWords({ ...base, id: '3', name: 'lab' }, [])).toBe('local');
  const lines = profileLines(far, [hub, far]);
  expect(lines).toMatch(/^Tags +team=ops \(passed on\), cost=1$/m);
  expect(lines).toMatch(/^Lasts +30 min \(at most 1 h\)$/m);
});

test('how long something lasts', () => {
  expect([0, 59, 60, 3600, 5400, 43_199, 129_600].map(lasting)).toEqual([
    ...['0 s', '59 s', '1 min', '1 h', '1 h 30 min', '11 h 59 min', '36 h'],
  ]);
});
