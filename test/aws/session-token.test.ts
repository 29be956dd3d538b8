import { expect, it } from 'vitest';
import { createRequestSigner } from '../../src/core/sigv4/index.ts';
import { CLIENT_KEY } from '../support/door-backend.ts';
import { startHarness } from './harness.ts';

/** Client keys have no session token; whatever comes with one was not handed out by Keyhold. */

const key = { ...CLIENT_KEY, sessionToken: 'made-up' };

it('a token in the header of a request is refused', async () => {
  const { send, upstream, fake } = await startHarness();
  const answer = await send({ key });
  expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('<Code>InvalidAccessKeyId')]);
  expect(answer.text).toContain('Unset AWS_SESSION_TOKEN');
  expect(answer.text).not.toContain('made-up');
  expect(upstream.seen).toEqual([]);
  expect(fake.records).toMatchObject([{ decision: 'denied', by: 'laptop', unproven: expect.any(String) }]);
});

it.each([
  ['with', 'made-up', true],
  ['without', undefined, false],
])('a presigned URL %s a token', async (_what, sessionToken, refused) => {
  const { door, send, upstream } = await startHarness();
  const host = `127.0.0.1:${door.port}`;
  const signer = createRequestSigner({
    ...{ ...CLIENT_KEY, region: 'eu-central-1', service: 's3' },
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  const request = { method: 'GET', path: '/b/key', query: '', headers: [['host', host]] satisfies [string, string][] };
  const query = signer.presign(request, { now: Date.now(), expiresSeconds: 60 });
  const answer = await send({ target: `/b/key?${query}`, tamper: () => [['Host', host]] });
  expect(answer.status === 403 && answer.text.includes('AWS_SESSION_TOKEN')).toBe(refused);
  expect(upstream.seen).toHaveLength(refused ? 0 : 1);
});

it('an empty one is none', async () => {
  const { send } = await startHarness();
  expect((await send({ key: { ...CLIENT_KEY, sessionToken: '' } })).status).toBe(200);
});
