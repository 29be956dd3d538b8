import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeEvent } from '../../../src/renderer/features/activity/describe-event.ts';

const base = { id: '1', time: '2026-01-01T00:00:00.000Z', decision: 'allowed', actor: 'door' } as const;

test('a request is its service, its action and its client', () => {
  expect(
    describeEvent({ ...base, kind: 'request', action: 's3:ListBuckets', service: 's3', client: 'terraform' }),
  ).toEqual({ service: 's3', what: 'ListBuckets', who: 'terraform' });
});

test('a request by nobody known shows the key id it came with', () => {
  expect(
    describeEvent({ ...base, kind: 'request', action: 'unknown', method: 'GET', clientKeyId: 'KHLDAAAABBBBCCCCDDDD' }),
  ).toEqual({ service: '', what: 'GET request', who: 'KHLDAAAABBBBCCCCDDDD' });
});

test('what the owner asks of a local account is the owner’s, not an unknown client’s', () => {
  const asked = { ...base, kind: 'request', action: 'CreateKey', service: 'kms' } as const;
  expect(describeEvent({ ...asked, actor: 'web' }).who).toBe('you');
  expect(describeEvent(asked).who).toBe('unknown client');
});

test('a change is told in words, an unknown one by its own name', () => {
  expect(describeEvent({ ...base, kind: 'change', action: 'key.import', target: 'deploy-bot' })).toEqual({
    service: '',
    what: 'Access key added',
    who: 'deploy-bot',
  });
  expect(describeEvent({ ...base, kind: 'change', action: 'thing.done' }).what).toBe('thing.done');
});

test('every change that the core writes down has words', () => {
  const files = ['core', 'daemon'].flatMap((layer) => {
    const folder = fileURLToPath(new URL(`../../../src/${layer}`, import.meta.url));
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
  });
  const written = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [
      ...text.matchAll(
        /(?:record\(|note\(\w+, |throttled\(\w+, |action: |\? |(?<!type): )'((?:vault|slot|account|key|profile|client|settings|hsm|ca|audit|mfa|totp|gate|token)\.[A-Za-z.]+)'/g,
      ),
    ].map((match) => match[1] ?? '');
  });
  expect(written).toEqual(
    expect.arrayContaining([
      'key.import',
      'key.disable',
      'vault.authorize',
      'hsm.crash',
      'ca.create',
      'gate.touch',
      'mfa.credential.remove',
    ]),
  );
  const untold = [...new Set(written)].filter(
    (action) => describeEvent({ ...base, kind: 'change', action }).what === action,
  );
  expect(untold).toEqual([]);
});

test('a refused way in is not told as if it had been gone', () => {
  expect(describeEvent({ ...base, kind: 'change', action: 'vault.unlock', decision: 'denied' }).what).toBe(
    'Unlock refused',
  );
  expect(describeEvent({ ...base, kind: 'change', action: 'vault.unlock' }).what).toBe('Vault unlocked');
});
