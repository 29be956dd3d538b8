import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/contract/schemas.ts';
import { startTestCore } from '../support/core.ts';
import { CLIENT_KEY, type FakeBackend, fakeDoorBackend } from '../support/door-backend.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { cleanUp, type Harness, type SendOptions, startHarness } from './harness.ts';

const unsigned = (more = ''): string => `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;
const send =
  (options: SendOptions) =>
  (harness: Harness): Promise<unknown> =>
    harness.send(options);
const raw =
  (bytes: string) =>
  (harness: Harness): Promise<unknown> =>
    harness.raw(bytes, { end: true });

describe('what may be counted instead of written', () => {
  it.each<[string, (harness: Harness) => Promise<unknown>, string]>([
    ['not signed', raw(unsigned()), 'MissingAuthenticationToken tool'],
    ['from a web page', raw(unsigned('Sec-Fetch-Mode: no-cors\r\n')), 'ForeignCaller page'],
    ['a foreign Host', raw('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n'), 'ForeignCaller tool'],
    ['not HTTP', raw('hello\r\n\r\n'), 'MalformedRequest unreadable'],
    ['CONNECT', raw('CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n'), 'MethodNotAllowed unreadable'],
    ['an unknown key', send({ key: { ...CLIENT_KEY, accessKeyId: 'AKIAUNKNOWN' } }), 'UnknownClient tool'],
    ['a wrong signature', send({ key: { ...CLIENT_KEY, secretAccessKey: 'x' } }), 'SignatureDoesNotMatch tool'],
    ['an old signature', send({ now: Date.now() - 600_000 }), 'RequestTimeTooSkewed tool'],
    [
      'a locked vault',
      ({ fake, send: ask }) => {
        fake.state = 'locked';
        return ask({});
      },
      'Locked tool',
    ],
  ])('%s', async (_name, ask, unproven) => {
    const harness = await startHarness();
    await ask(harness);
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]).toMatchObject({ decision: 'denied', unproven });
  });

  it('does not depend on what the request brings along', async () => {
    const harness = await startHarness();
    for (const text of ['a', 'b']) {
      await harness.send({ key: { ...CLIENT_KEY, accessKeyId: `AKIA${text}` }, service: text, region: text });
      await harness.raw(unsigned(`Authorization: ${text}\r\n`));
      await harness.raw(unsigned(`X-Amz-Date: ${text}\r\nx-amz-date: ${text}\r\n`));
    }
    expect(new Set(harness.fake.records.map((record) => record.unproven)).size).toBe(3);
  });
});

describe('what is always written', () => {
  const base = fakeDoorBackend('http://127.0.0.1:9').client;
  it.each<[string, Partial<FakeBackend>]>([
    ['what is let through', {}],
    ['an expired client’s', { client: { ...base, expiresAt: 1 } }],
    ['a disabled client’s', { client: { ...base, enabled: false } }],
    ['a disabled key’s', { client: { ...base, key: { ...base.key, status: 'disabled' } } }],
    ['what no host follows from', { client: { ...base, account: { ...base.account, endpointUrl: 'ftp://x' } } }],
    ['what the HSM refuses', { failWith: new Error('no') }],
  ])('%s', async (_name, change) => {
    const harness = await startHarness();
    Object.assign(harness.fake, change);
    await harness.send({});
    await expect.poll(() => harness.fake.records.length).toBe(1);
    expect(harness.fake.records[0]).not.toHaveProperty('unproven');
  });
});

describe('with a real vault', () => {
  it('a flood from outside leaves a few entries, which account for every request', async () => {
    const clock = createFakeClock();
    const core = startTestCore({ clock });
    cleanUp(() => core.dispose());
    await core.create();
    const harness = await startHarness({ door: { backend: core.running.doorBackend } });
    const tool = unsigned().replace('Connection: close\r\n', '');
    const page = tool.replace('\r\n\r\n', '\r\nOrigin: http://evil.example\r\n\r\n');
    await Promise.all(Array.from({ length: 10 }, (_, i) => harness.raw((i < 5 ? tool : page).repeat(99) + unsigned())));
    clock.advance(60_000);
    const { entries } = await core.client.call('audit.list', { kind: 'request', limit: 1000 });
    const events: AuditEvent[] = entries.map(({ event }) => event);
    expect(events).toHaveLength(2 * 20 + 2);
    expect(events.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(1000);
    expect(events.flatMap(({ count }) => count ?? []).sort((a, b) => a - b)).toEqual([475, 485]);
    expect(await core.client.call('audit.verify', {})).toMatchObject({ ok: true });
  });
});
