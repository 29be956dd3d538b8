import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { OidcSettings } from '../../../src/contract/web-identity.ts';
import { type FederationLab, roleArn, startFederationLab } from '../../support/federation-lab.ts';

let lab: FederationLab;
beforeAll(async () => {
  lab = await startFederationLab();
});
afterEach(async () => {
  await lab.core.client.call('signIn.remove', { name: 'work', cascade: true }).catch(() => undefined);
  await lab.reset();
});
afterAll(() => lab.dispose());

const SECRET = 'a+b c~d:e/%&=!';
const ADA = 'arn:aws:sts::123456789012:assumed-role/deploy/keyhold-deploy';
const HOUR = 3_600_000;
const utf8 = new TextEncoder();

type Auth = NonNullable<OidcSettings['clientAuth']>;
const settingsWith = (clientAuth: Auth | undefined) => ({
  ...{ type: 'oidc' as const, issuer: lab.oidc.issuer, clientId: lab.oidc.clientId },
  scopes: ['openid', 'offline_access'],
  ...(clientAuth === undefined ? {} : { clientAuth }),
});

const add = (clientAuth: Auth | undefined, secret?: string) =>
  lab.core.client.callSealed('signIn.add', async (seal) => ({
    name: 'work',
    settings: settingsWith(clientAuth),
    ...(secret === undefined ? {} : { clientSecret: await seal('oidc-client-secret', utf8.encode(secret)) }),
  }));
const update = (change: { settings?: ReturnType<typeof settingsWith>; secret?: string; rename?: string }) =>
  lab.core.client.callSealed('signIn.update', async (seal) => ({
    name: 'work',
    ...(change.rename === undefined ? {} : { rename: change.rename }),
    ...(change.settings === undefined ? {} : { settings: change.settings }),
    ...(change.secret === undefined
      ? {}
      : { clientSecret: await seal('oidc-client-secret', utf8.encode(change.secret)) }),
  }));
async function login(): Promise<void> {
  const { id, url } = await lab.core.client.call('signIn.begin', { name: 'work' });
  await lab.oidc.browse(url);
  await lab.core.client.call('signIn.finish', { id });
}
const addProfile = () =>
  lab.core.client.call('profile.add', {
    name: 'deploy',
    account: 'prod',
    origin: { kind: 'webIdentity', signIn: 'work' },
    role: { arn: roleArn('deploy') },
  });
const record = async () => {
  const things = await lab.core.running.core.session().need('signIn');
  return things.byName('signIn', 'work').value;
};

test.each(['basic', 'post'] as const)(
  'a client that has to show its secret (%s) signs in, renews and signs out',
  async (way) => {
    lab.oidc.secret = { way, text: SECRET };
    const { outside } = lab.core.running.core.session().signIns.parts;
    const token = vi.spyOn(outside.oidc, 'token');
    await add(`client_secret_${way}`, SECRET);
    await login();
    await addProfile();
    expect(await lab.whoIs('deploy')).toBe(ADA);
    lab.clock.advance(2 * HOUR);
    expect(await lab.whoIs('deploy')).toBe(ADA);
    expect(lab.oidc.asked.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
    const signedOut = await lab.core.client.call('signIn.logout', { name: 'work' });
    expect(signedOut).toEqual({ loggedOut: true });
    // What was opened for a request is wiped after it, and no answer has it.
    const shown = token.mock.calls.map(([, client]) => client.auth?.secret);
    expect(shown).toHaveLength(2);
    for (const bytes of shown) expect(bytes?.every((byte) => byte === 0)).toBe(true);
    token.mockRestore();
    expect(JSON.stringify(await lab.signIn('work'))).not.toContain(SECRET.slice(0, 3));
    expect(await lab.signIn('work')).toMatchObject({ settings: { clientAuth: `client_secret_${way}` } });
  },
);

test('a wrong secret ends no login: another one is given, and it goes on', async () => {
  lab.oidc.secret = { way: 'basic', text: SECRET };
  await add('client_secret_basic', SECRET);
  await login();
  await addProfile();
  // It has run out at the provider, and there is a new one.
  lab.oidc.secret = { way: 'basic', text: 'second' };
  lab.clock.advance(2 * HOUR);
  await expect(lab.whoIs('deploy')).rejects.toMatchObject({
    code: 'ServiceRefused',
    message: expect.stringContaining('keyhold oidc edit work --client-secret'),
  });
  expect(await lab.signIn('work')).toMatchObject({ state: 'active' });
  const before = (await record()).clientSecret?.id;
  expect(before).toBeDefined();
  await update({ secret: 'second' });
  expect((await record()).clientSecret?.id).not.toBe(before);
  const session = lab.core.running.core.session();
  expect(() => session.objectRef(before ?? '')).toThrow();
  // What it failed with before is not said once more.
  expect(await lab.whoIs('deploy')).toBe(ADA);
});

test('another way of showing it signs nobody out; another client does, and is not shown the secret of the one before', async () => {
  lab.oidc.secret = { way: 'basic', text: SECRET };
  await add('client_secret_basic', SECRET);
  await login();
  await update({ settings: settingsWith('client_secret_post') });
  expect(await lab.signIn('work')).toMatchObject({ state: 'active' });
  expect((await record()).clientSecret).toBeDefined();
  const other = { ...settingsWith('client_secret_post'), clientId: 'another' };
  await expect(update({ settings: other })).rejects.toMatchObject({
    code: 'InvalidInput',
    message: expect.stringContaining('not shown to that'),
  });
  expect(await lab.signIn('work')).toMatchObject({ state: 'active' });
  expect(await update({ settings: other, secret: 'its own' })).toMatchObject({ state: 'none' });
  expect(await update({ settings: settingsWith(undefined) })).toMatchObject({ state: 'none' });
  expect((await record()).clientSecret).toBeUndefined();
});

test('a secret and the word how it is shown go together', async () => {
  await expect(add('client_secret_basic')).rejects.toMatchObject({ code: 'InvalidInput' });
  await expect(add(undefined, SECRET)).rejects.toMatchObject({ code: 'InvalidInput' });
  await expect(add('client_secret_post', '')).rejects.toThrow(/client secret is one line/);
  await expect(add('client_secret_post', 'two\nlines')).rejects.toThrow(/client secret is one line/);
  await add(undefined);
  await expect(update({ secret: SECRET })).rejects.toMatchObject({ code: 'InvalidInput' });
  // The secret of a client that is public to the provider is refused by it, and the way in is said.
  lab.oidc.secret = { way: 'post', text: SECRET };
  await expect(login()).rejects.toMatchObject({ code: 'ServiceRefused' });
});

test('a secret that is given while a browser is at the provider is the one that is shown', async () => {
  lab.oidc.secret = { way: 'basic', text: SECRET };
  await add('client_secret_basic', 'not it');
  const { id, url } = await lab.core.client.call('signIn.begin', { name: 'work' });
  await update({ secret: SECRET });
  await lab.oidc.browse(url);
  expect(await lab.core.client.call('signIn.finish', { id })).toMatchObject({ state: 'active' });
});
