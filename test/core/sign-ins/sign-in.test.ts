import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type SsoLab, startSsoLab } from '../../support/sso-lab.ts';

let lab: SsoLab;
beforeAll(async () => {
  lab = await startSsoLab();
});
beforeEach(() => lab.fresh());
afterAll(() => lab.dispose());

const call: SsoLab['core']['client']['call'] = (...given) => lab.core.client.call(...given);
const finish = (id: string) => call('signIn.finish', { id });

describe('the device flow', () => {
  test('signs in once the person has confirmed the code, and keeps nothing readable', async () => {
    const attempt = await lab.begin('device');
    expect(attempt).toMatchObject({
      flow: 'device',
      type: 'sso',
      name: 'corp',
      verificationUrl: `${lab.sso.url}/device`,
    });
    expect(attempt.url).toBe(`${lab.sso.url}/device?user_code=${attempt.userCode}`);
    expect(await lab.signIn()).toMatchObject({ state: 'pending', attempt: { id: attempt.id } });
    const ended = finish(attempt.id);
    await lab.until('a poll', lab.sso.reached('POST /token'));
    lab.sso.decide(attempt.userCode ?? '', 'approved');
    expect(await lab.until('the sign-in', ended)).toMatchObject({ state: 'active', renewable: true, profiles: [] });
    expect(lab.sso.callsOf('POST /token device_code').length).toBeGreaterThan(1);
    const { signIns } = await call('signIn.list', {});
    const told = JSON.stringify([signIns, lab.core.events, lab.core.logged, await call('audit.list', { limit: 1000 })]);
    for (const secret of lab.sso.secrets) expect(told).not.toContain(secret);
    expect(
      lab.core.events.filter((event) => event.type === 'changed' && event.what.includes('signIns')).length,
    ).toBeGreaterThan(1);
  });

  test('waits longer when it is told to slow down, and over a lost network', async () => {
    lab.sso.lives.interval = 5;
    const attempt = await lab.begin('device');
    lab.sso.lives.interval = 8;
    const ended = finish(attempt.id);
    await lab.until('being told to slow down', lab.sso.reached('POST /token'));
    lab.sso.fault('POST /token', 'unreachable');
    lab.sso.decide(attempt.userCode ?? '', 'approved');
    expect(await lab.until('the sign-in', ended)).toMatchObject({ state: 'active' });
    expect(lab.sso.callsOf('POST /token').length).toBe(3);
  });

  test('says that it was refused, and leaves nothing', async () => {
    await expect(lab.login('denied')).rejects.toMatchObject({
      code: 'ServiceRefused',
      message: 'Signing in to corp was refused in the browser. Sign in again, and allow it.',
    });
    expect(await lab.signIn()).toMatchObject({ state: 'none', failure: { code: 'ServiceRefused' } });
  });

  test('ends with the code, and by itself where the other side says nothing', async () => {
    const attempt = await lab.begin('device');
    const ended = finish(attempt.id);
    ended.catch(() => undefined);
    lab.clock.advance(601_000);
    await expect(ended).rejects.toMatchObject({ code: 'Timeout', message: expect.stringContaining('in time') });
    await expect(finish('0'.repeat(32))).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('is given up by the person, by another attempt, and by the lock', async () => {
    const first = await lab.begin('device');
    const firstEnd = finish(first.id);
    firstEnd.catch(() => undefined);
    const second = await lab.begin('device');
    await expect(firstEnd).rejects.toMatchObject({ code: 'Cancelled', message: 'Signing in was begun anew.' });
    const secondEnd = finish(second.id);
    secondEnd.catch(() => undefined);
    expect(await call('signIn.cancel', { id: second.id })).toEqual({ cancelled: true });
    expect(await call('signIn.cancel', { id: second.id })).toEqual({ cancelled: false });
    await expect(secondEnd).rejects.toMatchObject({ code: 'Cancelled' });
    expect(await lab.signIn()).toMatchObject({ state: 'none', failure: { code: 'Cancelled' } });
    const third = await lab.begin('device');
    const thirdEnd = finish(third.id);
    thirdEnd.catch(() => undefined);
    await call('vault.lock', {});
    await expect(thirdEnd).rejects.toMatchObject({ code: 'Locked' });
    await lab.core.unlock();
  });

  test('goes with a command that is killed, and not with a page that is loaded again', async () => {
    for (const [actor, state] of [
      ['web', 'pending'],
      ['cli', 'none'],
    ] as const) {
      const { id } = await lab.begin('device');
      const connection = new AbortController();
      const waiting = lab.core.running.call('signIn.finish', { id }, actor, connection.signal);
      const gone = expect(waiting).rejects.toMatchObject({ code: 'Cancelled' });
      connection.abort();
      await gone;
      expect((await lab.signIn()).state).toBe(state);
    }
  });

  test('a start URL that the Identity Center does not know is its answer at once', async () => {
    lab.sso.startUrl = 'https://other.awsapps.com/start';
    await expect(lab.begin('device')).rejects.toMatchObject({
      code: 'ServiceRefused',
      details: { name: 'invalid_request' },
    });
    lab.sso.fault('POST /client/register', 'broken');
    await expect(lab.begin('device')).rejects.toMatchObject({
      code: 'Unreachable',
      message: expect.stringContaining('is no Identity Center'),
    });
  });
});

describe('the authorization code flow', () => {
  test('comes back to a port of this computer, with PKCE and a state', async () => {
    const attempt = await lab.begin('browser');
    expect(attempt).toMatchObject({ flow: 'browser' });
    expect(attempt.userCode).toBeUndefined();
    const back = lab.sso.browse(attempt.url);
    expect(back).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth\/callback\?state=[\w-]{43}&code=/);
    const ended = finish(attempt.id);
    const page = await fetch(back);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('You can close this page')]);
    expect(await lab.until('the sign-in', ended)).toMatchObject({ state: 'active', renewable: true });
    await expect(fetch(back)).rejects.toThrow();
    // The second time, the registration is used again.
    const again = await lab.begin('browser');
    await fetch(lab.sso.browse(again.url));
    await lab.until('the second sign-in', finish(again.id));
    expect(lab.sso.callsOf('POST /client/register').length).toBe(1);
  });

  test('registers anew once the token service has forgotten this vault', async () => {
    const signIn = async (forgotten = false) => {
      const { id, url } = await lab.begin('browser');
      const ended = finish(id);
      ended.catch(() => undefined);
      const back = lab.sso.browse(url);
      if (forgotten) lab.sso.clients.clear();
      await fetch(back);
      return lab.until('the sign-in', ended);
    };
    await signIn();
    await expect(signIn(true)).rejects.toMatchObject({ details: { name: 'invalid_client' } });
    expect(await signIn()).toMatchObject({ state: 'active' });
    expect(lab.sso.callsOf('POST /client/register').length).toBe(2);
  });

  test('takes no answer of another attempt, and goes on waiting', async () => {
    const attempt = await lab.begin('browser');
    const back = new URL(lab.sso.browse(attempt.url));
    const forged = new URL(back);
    forged.searchParams.set('state', 'A'.repeat(43));
    forged.searchParams.set('code', 'somebody-elses');
    expect((await fetch(forged)).status).toBe(400);
    expect(lab.sso.callsOf('POST /token')).toEqual([]);
    expect(await lab.signIn()).toMatchObject({ state: 'pending' });
    await fetch(back);
    expect(await lab.until('the sign-in', finish(attempt.id))).toMatchObject({ state: 'active' });
  });

  test('says what the browser brought instead of a code', async () => {
    const attempt = await lab.begin('browser');
    await fetch(lab.sso.browse(attempt.url, 'denied'));
    await expect(lab.until('the refusal', finish(attempt.id))).rejects.toMatchObject({
      code: 'ServiceRefused',
      message: expect.stringContaining('access_denied'),
    });
  });
});

describe('the record', () => {
  test('is added, renamed and removed under its name', async () => {
    const { settings } = await lab.signIn();
    expect(settings).toMatchObject({ scopes: ['sso:account:access'] });
    await expect(call('signIn.add', { name: 'CORP', settings })).rejects.toMatchObject({ code: 'AlreadyExists' });
    await expect(call('signIn.begin', { name: 'corb' })).rejects.toThrow(
      'There is no sign-in called corb. Did you mean corp?',
    );
    expect(await call('signIn.update', { name: 'corp', rename: 'work' })).toMatchObject({
      name: 'work',
      state: 'none',
    });
    await call('signIn.remove', { name: 'work' });
    expect(await call('signIn.list', {})).toEqual({ signIns: [] });
  });

  test('survives a restart with its login; other settings end it', async () => {
    await lab.login();
    await lab.core.restart();
    await lab.core.unlock();
    const { settings, ...before } = await lab.signIn();
    expect(before).toMatchObject({ state: 'active', renewable: true });
    expect(await call('signIn.update', { name: 'corp', settings })).toMatchObject({ state: 'active' });
    const moved = { ...settings, region: 'us-east-1' };
    expect(await call('signIn.update', { name: 'corp', settings: moved })).toMatchObject({
      state: 'none',
      renewable: false,
    });
    const { objects } = await call('hsm.objects', {});
    expect(objects).toEqual([]);
  });

  test('keeps one login in the HSM, however often somebody signs in', async () => {
    await lab.login();
    const first = (await call('hsm.objects', {})).objects.map(({ label }) => label).sort();
    expect(first).toEqual(['corp access token', 'corp client secret', 'corp refresh token']);
    await lab.login();
    expect((await call('hsm.objects', {})).objects.map(({ label }) => label).sort()).toEqual(first);
    await call('signIn.remove', { name: 'corp' });
    expect((await call('hsm.objects', {})).objects).toEqual([]);
  });
});
