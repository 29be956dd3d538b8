import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Cli, createCli } from '../../src/cli/cli.ts';
import { define } from '../../src/cli/commands/oidc.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { type FederationLab, startFederationLab } from '../support/federation-lab.ts';

let lab: FederationLab;
let said: string;
beforeAll(async () => {
  lab = await startFederationLab();
});
afterEach(async () => {
  await lab.core.client.call('signIn.remove', { name: 'idp', cascade: true }).catch(() => undefined);
  await lab.reset();
});
afterAll(() => lab.dispose());

/** The command as it is, over a core in this process. `secret` is what a person types. */
async function keyhold(args: string[], { secret }: { secret?: string } = {}): Promise<string> {
  said = '';
  const person: Terminal = {
    ask: () => Promise.reject(new Error('nothing is asked here')),
    askSecret: async () => {
      if (secret === undefined) throw new Error('no secret is asked for here');
      return new TextEncoder().encode(secret);
    },
    confirm: () => Promise.reject(new Error('nothing is confirmed here')),
    say() {},
    close() {},
  };
  const cli: Cli = {
    ...createCli(),
    call: lab.core.client.call,
    callSealed: lab.core.client.callSealed,
    home: lab.core.home,
    now: lab.clock.now,
    width: undefined,
    terminal: () => person,
    needTerminal: () => person,
    note() {},
    print(_value, text) {
      said += text();
    },
  };
  const command = new Command().exitOverride().configureOutput({ writeErr() {}, writeOut() {} });
  define(command, cli);
  for (const one of command.commands) one.exitOverride().configureOutput({ writeErr() {}, writeOut() {} });
  await command.parseAsync(args, { from: 'user' });
  return said;
}

const add = (...more: string[]): string[] => ['add', 'idp', '--issuer', lab.oidc.issuer, '--client-id', ...more];
async function login(): Promise<void> {
  const { id, url } = await lab.core.client.call('signIn.begin', { name: 'idp' });
  await lab.oidc.browse(url);
  await lab.core.client.call('signIn.finish', { id });
}

describe('keyhold oidc', () => {
  test('asks for the secret of a client that has one, and edit changes it without a sign-out', async () => {
    lab.oidc.secret = { way: 'basic', text: 'first secret' };
    expect(await keyhold(add(lab.oidc.clientId, '--client-secret'), { secret: 'first secret' })).toContain(
      'keyhold login idp',
    );
    await login();
    expect(await keyhold(['edit', 'idp', '--rename', 'my idp'])).toBe(
      'my idp is changed: signed in, renews by itself.\n',
    );
    await keyhold(['edit', 'my idp', '--rename', 'idp']);
    expect(await keyhold(['edit', 'idp', '--client-secret', '--client-auth', 'post'], { secret: 'second' })).toContain(
      'signed in',
    );
    expect(await lab.signIn('idp')).toMatchObject({ settings: { clientAuth: 'client_secret_post' } });
    lab.oidc.secret = { way: 'post', text: 'second' };
    await login();
    await keyhold(['edit', 'idp', '--client-auth', 'basic']);
    expect(await lab.signIn('idp')).toMatchObject({ settings: { clientAuth: 'client_secret_basic' } });
    await keyhold(['edit', 'idp', '--no-client-secret']);
    const { settings } = await lab.signIn('idp');
    expect(settings).not.toHaveProperty('clientAuth');
  });

  test('edit ends what was signed in where another issuer, client or scope makes it untrue, and only there', async () => {
    await keyhold(add(lab.oidc.clientId));
    await login();
    await keyhold(['edit', 'idp', '--issuer', lab.oidc.issuer, '--client-id', lab.oidc.clientId]);
    expect(await lab.signIn('idp')).toMatchObject({ state: 'active' });
    expect(await keyhold(['edit', 'idp', '--scope', 'openid', '--scope', 'email'])).toContain('nobody is signed in');
    expect(await lab.signIn('idp')).toMatchObject({ state: 'none', settings: { scopes: ['openid', 'email'] } });
    await login();
    await keyhold(['edit', 'idp', '--client-id', 'another']);
    expect(await lab.signIn('idp')).toMatchObject({ state: 'none', settings: { clientId: 'another' } });
  });

  test.each<[string, string[], RegExp]>([
    ['a sign-in of another kind', ['edit', 'corp', '--rename', 'x'], /corp is no OpenID Connect provider/],
    ['a name that is not there', ['edit', 'nobody', '--rename', 'x'], /no OpenID Connect provider called nobody/],
    ['a way without a secret', ['edit', 'oidc', '--client-auth', 'post'], /goes with --client-secret/],
    ['an unknown way', ['edit', 'oidc', '--client-secret', '--client-auth', 'jwt'], /basic or post/],
    ['two ways in', ['edit', 'oidc', '--client-secret', '--client-secret-stdin'], /not both/],
    ['a secret and none', ['edit', 'oidc', '--no-client-secret', '--client-auth', 'post'], /goes with neither/],
    ['nothing to change', ['edit', 'oidc'], /Say what to change/],
    ['a secret as an argument', ['edit', 'oidc', '--client-secret', 'hunter2'], /too many arguments/],
  ])('refuses %s', async (_, args, why) => {
    await expect(keyhold(args)).rejects.toThrow(why);
  });
});
