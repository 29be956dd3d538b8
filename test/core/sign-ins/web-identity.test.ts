import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import type { WebIdentityOrigin } from '../../../src/contract/origins.ts';
import type { Role } from '../../../src/contract/roles.ts';
import { type FederationLab, roleArn, startFederationLab } from '../../support/federation-lab.ts';

let lab: FederationLab;
let folder: string;
beforeAll(async () => {
  lab = await startFederationLab();
  folder = mkdtempSync(join(tmpdir(), 'kh-token-'));
});
afterEach(() => lab.reset());
afterAll(async () => {
  await lab.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const ADA = 'arn:aws:sts::123456789012:assumed-role/deploy/keyhold-deploy';
const HOUR = 3_600_000;

async function addProfile(origin: Omit<WebIdentityOrigin, 'kind'>, role?: Partial<Role>): Promise<void> {
  await lab.core.client.call('profile.add', {
    name: 'deploy',
    account: 'prod',
    origin: { kind: 'webIdentity', ...origin },
    role: { arn: roleArn('deploy'), durationSeconds: 7200, ...role },
  });
}

/** Signs in as a person does: the browser is sent to the provider and comes back. */
async function login(): Promise<void> {
  const { id, url } = await lab.core.client.call('signIn.begin', { name: 'oidc' });
  await lab.oidc.browse(url);
  await lab.core.client.call('signIn.finish', { id });
}

describe('a token in a file', () => {
  const write = (text: string): string => {
    const path = join(folder, 'token');
    writeFileSync(path, text);
    return path;
  };

  test('gives a session of its role, and is read again for the next one', async () => {
    const tokenFile = write(`${lab.oidc.idToken()}\n`);
    await addProfile({ tokenFile });
    expect(await lab.whoIs('deploy')).toBe(ADA);
    expect(await lab.session('deploy')).toMatchObject({ kind: 'web-identity', state: 'active', seconds: 7200 });
    lab.clock.advance(2 * HOUR);
    await expect(lab.whoIs('deploy')).rejects.toThrow(/Token expired/);
    write(lab.oidc.idToken());
    lab.clock.advance(HOUR);
    write(lab.oidc.idToken());
    expect(await lab.whoIs('deploy')).toBe(ADA);
  });

  test.each<[string, () => string, RegExp]>([
    ['that is not there', () => join(folder, 'none'), /there is no such file/],
    ['that is a folder', () => folder, /it is no file/],
    ['that is empty', () => write('\n'), /it is empty/],
    ['that holds something else', () => write('root:x:0:0:root'), /no JSON Web Token/],
    ['that is too long', () => write('a'.repeat(20_001)), /longer than AWS takes/],
  ])('%s is refused, and what it holds is not told', async (_, path, why) => {
    await addProfile({ tokenFile: path() });
    const error = await lab.whoIs('deploy').then(() => undefined, String);
    expect(error).toMatch(why);
    expect(error).not.toContain('root:x');
    expect(lab.aws.callsOf('AssumeRoleWithWebIdentity')).toHaveLength(0);
  });

  test.runIf(process.platform !== 'win32')('that is a pipe is not waited for', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await addProfile({ tokenFile: pipe });
    await expect(lab.whoIs('deploy')).rejects.toThrow(/it is no file/);
  });

  test('is named by its whole path, and alone', async () => {
    await expect(addProfile({ tokenFile: 'token' })).rejects.toThrow(/give the whole path/);
    await expect(addProfile({ tokenFile: '/t', signIn: 'oidc' })).rejects.toThrow(/either a token file or a sign-in/);
    await expect(addProfile({ tokenFile: '/t' }, { tags: { a: 'b' } })).rejects.toThrow(/role.tags: AWS takes it/);
  });

  test('of another audience is refused by STS in its own words', async () => {
    await addProfile({ tokenFile: write(lab.oidc.idToken({ aud: 'somebody-else' })) });
    await expect(lab.whoIs('deploy')).rejects.toThrow(/Incorrect token audience/);
  });
});

describe('a sign-in with OpenID Connect', () => {
  test('wants a person first, and then gives sessions for as long as the provider renews it', async () => {
    await addProfile({ signIn: 'oidc' });
    await expect(lab.whoIs('deploy')).rejects.toMatchObject({
      code: 'SignInRequired',
      message: expect.stringContaining('keyhold login oidc'),
    });
    await login();
    expect(await lab.signIn('oidc')).toMatchObject({ state: 'active', who: 'ada@example.com', renewable: true });
    expect(await lab.whoIs('deploy')).toBe(ADA);
    for (let round = 0; round < 3; round++) {
      lab.clock.advance(13 * HOUR);
      expect(await lab.whoIs('deploy')).toBe(ADA);
    }
    expect(lab.oidc.asked.map((one) => one.grant_type)).toEqual([
      'authorization_code',
      ...Array(3).fill('refresh_token'),
    ]);
  });

  test('that the provider has ended sends a person to sign in, and is not asked again', async () => {
    await addProfile({ signIn: 'oidc' });
    await login();
    lab.oidc.over = true;
    lab.clock.advance(13 * HOUR);
    for (let time = 0; time < 2; time++) {
      await expect(lab.whoIs('deploy')).rejects.toMatchObject({ code: 'SignInRequired' });
    }
    expect(lab.oidc.asked).toHaveLength(2);
    expect((await lab.signIn('oidc')).state).toBe('expired');
    lab.oidc.over = false;
    await login();
    expect(await lab.whoIs('deploy')).toBe(ADA);
  });

  test('is of use in its last minute where the provider cannot be reached, and not a moment longer', async () => {
    await addProfile({ signIn: 'oidc' });
    await login();
    const { oidc } = lab.core.running.core.session().signIns.parts.outside;
    const spy = vi.spyOn(oidc, 'discover').mockRejectedValue(new KeyholdError('Unreachable', 'There is no network.'));
    try {
      lab.clock.advance(HOUR - 30_000);
      expect(await lab.whoIs('deploy')).toBe(ADA);
      expect(spy).toHaveBeenCalledTimes(1);
      await lab.core.client.call('session.revoke', { profile: 'deploy' });
      lab.clock.advance(30_000);
      await expect(lab.whoIs('deploy')).rejects.toMatchObject({ code: 'Unreachable' });
    } finally {
      spy.mockRestore();
    }
  });

  test('renews once for all who want it', async () => {
    await addProfile({ signIn: 'oidc' });
    for (const name of ['two', 'three']) {
      await lab.core.client.call('profile.add', {
        name,
        account: 'prod',
        origin: { kind: 'webIdentity', signIn: 'oidc' },
        role: { arn: roleArn('read') },
      });
    }
    await login();
    lab.clock.advance(2 * HOUR);
    await Promise.all(['deploy', 'two', 'three', 'deploy'].map((name) => lab.whoIs(name)));
    expect(lab.oidc.asked.filter((one) => one.grant_type === 'refresh_token')).toHaveLength(1);
    expect(lab.aws.callsOf('AssumeRoleWithWebIdentity')).toHaveLength(3);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['nonce', { nonce: 'another' }, /answers another sign-in/],
    ['audience', { aud: 'somebody-else' }, /meant for another client/],
    ['audience among several', { aud: ['keyhold-desktop', 'other'], azp: 'other' }, /made for another client/],
    ['issuer', { iss: 'https://evil.example' }, /of another issuer/],
    ['end', { exp: 1 }, /has ended already/],
  ])('takes no id token of another %s', async (_, claims, why) => {
    lab.oidc.claims = claims;
    await expect(login()).rejects.toThrow(why);
    expect((await lab.signIn('oidc')).state).toBe('none');
  });

  test('is not handed from one person to another by a renewal', async () => {
    await addProfile({ signIn: 'oidc' });
    await login();
    lab.oidc.claims = { sub: 'user-2' };
    lab.clock.advance(2 * HOUR);
    await expect(lab.whoIs('deploy')).rejects.toThrow(/of another person/);
    // What the provider gave for the next time is kept: the token before has ended with its use.
    lab.oidc.claims = {};
    lab.clock.advance(HOUR);
    expect(await lab.whoIs('deploy')).toBe(ADA);
  });

  test('wants a person where it is renewed without an id token, and says so once', async () => {
    await addProfile({ signIn: 'oidc' });
    await login();
    lab.oidc.renewsIdTokens = false;
    lab.clock.advance(2 * HOUR);
    lab.core.events.length = 0;
    const message = expect.stringContaining('without an id token, which is what AWS wants. Sign in to oidc with');
    for (let time = 0; time < 2; time++) {
      await expect(lab.whoIs('deploy')).rejects.toMatchObject({ code: 'SignInRequired', message });
    }
    expect(lab.oidc.asked).toHaveLength(2);
    expect((await lab.signIn('oidc')).state).toBe('expired');
    expect(lab.core.events.filter(({ type }) => type === 'notice')).toMatchObject([{ level: 'warning', message }]);
  });

  test('keeps its tokens in the HSM alone, and forgets them at the sign-out', async () => {
    await addProfile({ signIn: 'oidc' });
    await login();
    await lab.whoIs('deploy');
    const { entries } = await lab.core.client.call('audit.list', {});
    const things = lab.core.running.core.session().things.all('signIn');
    expect(JSON.stringify([entries, things, lab.core.events, lab.core.logged])).not.toMatch(/eyJ/);
    await lab.core.client.call('signIn.logout', { name: 'oidc' });
    lab.clock.advance(3 * HOUR);
    await expect(lab.whoIs('deploy')).rejects.toMatchObject({ code: 'SignInRequired' });
  });

  test('is taken back at the provider by the sign-out, or that is said', async () => {
    const logout = () => lab.core.client.call('signIn.logout', { name: 'oidc' });
    lab.oidc.refreshTokens.clear();
    await login();
    expect(lab.oidc.refreshTokens.size).toBe(1);
    expect(await logout()).toEqual({ loggedOut: true });
    expect(lab.oidc.refreshTokens.size).toBe(0);
    lab.oidc.revokes = false;
    await login();
    expect(await logout()).toEqual({
      loggedOut: true,
      problem: 'The provider of oidc takes nothing back, so its own session goes on. Sign out on its page too.',
    });
    lab.oidc.refreshTokens.clear();
  });

  test('says what is wrong with an issuer', async () => {
    const at = (issuer: string) =>
      lab.core.client.call('signIn.update', {
        name: 'oidc',
        settings: { type: 'oidc', issuer, clientId: lab.oidc.clientId },
      });
    await at(`${lab.oidc.issuer}/none`);
    await expect(lab.core.client.call('signIn.begin', { name: 'oidc' })).rejects.toThrow(/no discovery document/);
    await at(`${lab.oidc.issuer}/`);
    await expect(lab.core.client.call('signIn.begin', { name: 'oidc' })).rejects.toThrow(/exactly this issuer/);
    await expect(at('http://idp.example.com')).rejects.toThrow(/an issuer is an https:/);
    await at(lab.oidc.issuer);
    const device = lab.core.client.call('signIn.begin', { name: 'oidc', flow: 'device' });
    await expect(device).rejects.toMatchObject({ code: 'Unsupported' });
  });
});
