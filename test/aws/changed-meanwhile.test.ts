import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { FakeBackend } from '../support/door-backend.ts';
import { startHarness } from './harness.ts';

const BODY = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');

/** Sends a request whose body is complete only after `change` has run. */
async function askWhile(change: (fake: FakeBackend) => void) {
  const harness = await startHarness();
  const { fake } = harness;
  async function* slowly() {
    yield BODY.subarray(0, 10);
    while (fake.records.length === 0 && fake.calls.touch === 0) await new Promise((resolve) => setImmediate(resolve));
    change(fake);
    yield BODY.subarray(10);
  }
  const signed = harness.sign({ method: 'POST', service: 'sts', body: BODY, declareHash: true });
  const hash = signed.headers.find(([name]) => name.toLowerCase() === 'x-amz-content-sha256')?.[1];
  const answer = await harness.send({
    method: 'POST',
    service: 'sts',
    body: Readable.from(slowly()),
    declareHash: true,
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8']],
    ...(hash === undefined ? {} : { payloadHash: hash }),
  });
  return { answer, fake };
}

it.each<[string, (fake: FakeBackend) => void, string]>([
  ['disabled', ({ client }) => Object.assign(client, { enabled: false }), 'is disabled in Keyhold'],
  [
    'gated',
    ({ client }) => Object.assign(client, { gated: true }),
    'wants a security key to be touched since just now',
  ],
  [
    'led elsewhere',
    ({ client }) => Object.assign(client, { account: { ...client.account, accountId: '999999999999' } }),
    'was changed in Keyhold while its request was read',
  ],
  [
    'with a disabled key',
    ({ client }) => Object.assign(client, { key: { ...client.key, status: 'disabled' } }),
    'is disabled in Keyhold',
  ],
])('a client that is %s while its request is read is refused', async (_what, change, sentence) => {
  const { answer, fake } = await askWhile(change);
  expect([answer.status, answer.text]).toEqual([403, expect.stringContaining(sentence)]);
  expect(fake.calls.sign).toBe(0);
});

it('one that stays as it was is let pass', async () => {
  const { fake } = await askWhile(() => undefined);
  expect(fake.calls.sign).toBe(1);
});

it('one that is disabled while a touch is waited for is refused', async () => {
  const harness = await startHarness();
  const { fake } = harness;
  fake.client.profile = { ...fake.client.profile, gated: true };
  fake.backend.passProfile = async () => void Object.assign(fake.client, { enabled: false });
  const answer = await harness.send({ method: 'POST', service: 'sts', body: BODY, declareHash: true });
  expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('is disabled in Keyhold')]);
  expect(fake.calls.sign).toBe(0);
});
