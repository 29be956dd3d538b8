import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Redirect } from '../../src/core/sign-ins/driver.ts';
import { openRedirect } from '../../src/daemon/redirect-listener.ts';

const STATE = 'N'.repeat(43);
let redirect: Redirect;
beforeEach(async () => {
  redirect = await openRedirect({ path: '/oauth/callback', state: STATE });
});
afterEach(() => redirect.close());

const back = (query: string): string => `${redirect.uri}?${query}`;

/** The status of a request that a browser would not make by itself. */
function ask(options: { method?: string; host?: string; path?: string }): Promise<number> {
  const { port, pathname } = new URL(redirect.uri);
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      method: options.method ?? 'GET',
      path: options.path ?? `${pathname}?state=${STATE}&code=x`,
      headers: { host: options.host ?? `127.0.0.1:${port}` },
      agent: false,
    });
    sent.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}

test('takes what comes back with its state, and tells the person so', async () => {
  expect(redirect.uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback$/);
  const answer = await fetch(back(`code=c-1&state=${STATE}`));
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'");
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.text()).toContain('You can close this page');
  expect((await redirect.arrived).get('code')).toBe('c-1');
});

test('a refusal comes back, too', async () => {
  expect(await (await fetch(back(`error=access_denied&state=${STATE}`))).text()).toContain('Signing in was refused');
  expect((await redirect.arrived).get('error')).toBe('access_denied');
});

test('refuses everything else, and goes on waiting', async () => {
  let arrived = false;
  const wait = redirect.arrived.then(() => {
    arrived = true;
  });
  const { port } = new URL(redirect.uri);
  expect(await ask({ host: 'attacker.example' })).toBe(400);
  expect(await ask({ host: `localhost:${port}` })).toBe(400);
  expect(await ask({ method: 'POST' })).toBe(400);
  expect(await ask({ path: `/other?state=${STATE}&code=x` })).toBe(400);
  expect(await ask({ path: '/oauth/callback' })).toBe(400);
  expect(await ask({ path: '/oauth/callback?code=x' })).toBe(400);
  expect(await ask({ path: `/oauth/callback?code=x&state=${'M'.repeat(43)}` })).toBe(400);
  expect(await ask({ path: `/oauth/callback?code=x&state=${STATE}&state=${STATE}` })).toBe(400);
  expect(await ask({ path: `/oauth/callback?state=${STATE}&code=${'x'.repeat(20_000)}` })).toBeGreaterThanOrEqual(400);
  expect(arrived).toBe(false);
  expect(await ask({})).toBe(200);
  await wait;
});

test('is closed for good, and says so to whoever waits', async () => {
  redirect.close();
  await expect(redirect.arrived).rejects.toMatchObject({ code: 'Cancelled' });
  await expect(fetch(back(`code=x&state=${STATE}`))).rejects.toThrow();
});
