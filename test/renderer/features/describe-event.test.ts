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

test('a change is told in words, an unknown one by its own name', () => {
  expect(describeEvent({ ...base, kind: 'change', action: 'key.import', target: 'deploy-bot' })).toEqual({
    service: '',
    what: 'Access key added',
    who: 'deploy-bot',
  });
  expect(describeEvent({ ...base, kind: 'change', action: 'thing.done' }).what).toBe('thing.done');
});
