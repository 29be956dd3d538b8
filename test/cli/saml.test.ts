import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Cli, createCli } from '../../src/cli/cli.ts';
import type { Define } from '../../src/cli/command.ts';
import { define as defineLogin } from '../../src/cli/commands/login.ts';
import { define as defineOidc } from '../../src/cli/commands/oidc.ts';
import { define as defineSaml } from '../../src/cli/commands/saml.ts';
import { originParams } from '../../src/cli/profile/origin-params.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { samlFieldOf } from '../../src/client/saml-field.ts';
import { type FederationLab, SAML_PROVIDER, startFederationLab } from '../support/federation-lab.ts';

let lab: FederationLab;
let folder: string;
let file: string;
beforeAll(async () => {
  lab = await startFederationLab();
  folder = mkdtempSync(join(tmpdir(), 'kh-saml-cli-'));
  file = join(folder, 'response');
});
beforeEach(() => writeFileSync(file, lab.samlResponse()));
afterEach(() => lab.reset());
afterAll(async () => {
  await lab.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** The command as it is, over a core in this process. */
async function keyhold(define: Define, args: string[], answers?: string[]): Promise<string> {
  let said = '';
  const left = [...(answers ?? [])];
  const person: Terminal = {
    ask: async () => left.shift() ?? '',
    askSecret: () => Promise.reject(new Error('no secret is asked for here')),
    confirm: async () => true,
    say(text) {
      said += text;
    },
    close() {},
  };
  const cli: Cli = {
    ...createCli(),
    json: false,
    call: lab.core.client.call,
    home: lab.core.home,
    now: lab.clock.now,
    width: undefined,
    terminal: () => (answers === undefined ? null : person),
    needTerminal(instead) {
      if (answers !== undefined) return person;
      throw new Error(instead);
    },
    note(text) {
      said += `${text}\n`;
    },
    print(_, text) {
      said += text();
    },
  };
  const command = new Command();
  define(command, cli);
  await command.parseAsync(args, { from: 'user' });
  return said;
}

describe('keyhold login', () => {
  test('takes a SAML response out of a file, and says what became of it', async () => {
    expect(await keyhold(defineLogin, ['corp', '--saml-response-file', file])).toBe(
      'Signed in to corp as ada: 2 roles are offered.\nNo profile works with it yet. Within the next five minutes: keyhold saml import corp\n',
    );
    await lab.addSamlProfile('deploy');
    writeFileSync(file, `SAMLResponse=${encodeURIComponent(lab.samlResponse())}&RelayState=`);
    expect(await keyhold(defineLogin, ['deploy', '--saml-response-file', file])).toContain('New sessions: deploy\n');
  });

  test('says what to do where no window can catch one', async () => {
    const login = keyhold(defineLogin, ['corp']);
    await expect(login).rejects.toThrow(/only the Keyhold app has a window .*--saml-response-stdin$/);
    expect((await lab.signIn('corp')).state).toBe('none');
    for (const option of ['--device', '--no-browser']) {
      await expect(keyhold(defineLogin, ['corp', option])).rejects.toThrow(/is a SAML sign-in: --device/);
    }
  });

  test('calls an attempt off whose response is of no use', async () => {
    writeFileSync(file, 'bm90IHhtbA==');
    await expect(keyhold(defineLogin, ['corp', '--saml-response-file', file])).rejects.toThrow(/of no use/);
    expect((await lab.signIn('corp')).state).toBe('none');
    await expect(keyhold(defineLogin, ['oidc', '--saml-response-file', file])).rejects.toThrow(/is no SAML sign-in/);
  });
});

describe('keyhold saml', () => {
  const login = () => keyhold(defineLogin, ['corp', '--saml-response-file', file]);

  test('lists roles, and makes profiles of those that are picked', async () => {
    expect(await keyhold(defineSaml, ['roles'])).toBe(
      'Nobody has signed in to corp yet. Sign in with: keyhold login corp\n',
    );
    await login();
    expect(await keyhold(defineSaml, ['roles'])).toMatch(/^Offered to ada just now:\n[\s\S]* 123456789012 +read/);
    expect(await keyhold(defineSaml, ['import', '--account', 'prod'], ['7', '2'])).toMatch(
      /Type numbers from 1 to 2[\s\S]*1 profile added:\n {2}prod-read\nNew sessions: prod-read\n/,
    );
    expect(await keyhold(defineSaml, ['import', 'corp', '--all', '--duration', '12h', '--account', 'prod'])).toContain(
      '  prod-deploy\n',
    );
    expect((await lab.session('prod-deploy')).seconds).toBe(43_200);
    expect(await keyhold(defineSaml, ['import', '--all'])).toBe('Each of those roles has a profile already.\n');
  });

  test('imports after the five minutes, and says that sessions want a login', async () => {
    await login();
    lab.clock.advance(300_000);
    expect(await keyhold(defineSaml, ['import', '--role', 'deploy', '--account', 'prod'])).toBe(
      '1 profile added:\n  prod-deploy\nThe last sign-in is over. For sessions: keyhold login corp\n',
    );
    expect(await keyhold(defineSaml, ['list'])).toContain('signed in 5 min ago; again for new sessions');
  });

  test.each([
    [['import', 'corp'], /Nobody has signed in to corp yet/],
    [['roles', 'oidc'], /oidc is no SAML sign-in/],
    [['remove', 'oidc'], /oidc is no SAML sign-in/],
    [['remove', 'nope'], /There is no SAML sign-in called nope/],
  ])('%s says what is wrong', async (args, why) => {
    await expect(keyhold(defineSaml, args)).rejects.toThrow(why);
  });

  test('asks nobody where nobody is', async () => {
    await login();
    await expect(keyhold(defineSaml, ['import'])).rejects.toThrow(/--all or --role NAME/);
    await expect(keyhold(defineSaml, ['import', '--role', 'admin'])).rejects.toThrow(
      /No role called admin was offered/,
    );
  });

  test('adds, changes and removes', async () => {
    const url = 'https://idp.example.com/other';
    await keyhold(defineSaml, ['add', 'work', '--start-url', url, '--account-id', '123456789012']);
    await keyhold(defineSaml, ['edit', 'work', '--rename', 'job']);
    expect(await keyhold(defineSaml, ['list'])).toMatch(/job +https:\/\/idp.example.com\/other +nobody is signed in/);
    expect(await keyhold(defineSaml, ['remove', 'job'])).toBe('job is removed.\n');
  });
});

test('keyhold oidc adds, lists and removes providers', async () => {
  const issuer = 'https://login.example.com';
  await keyhold(defineOidc, ['add', 'idp', '--issuer', issuer, '--client-id', 'keyhold', '--scope', 'openid']);
  expect(await keyhold(defineOidc, ['list'])).toMatch(/idp +https:\/\/login.example.com +nobody is signed in/);
  await expect(keyhold(defineOidc, ['remove', 'corp'])).rejects.toThrow(/no OpenID Connect provider/);
  expect(await keyhold(defineOidc, ['remove', 'idp'])).toBe('idp is removed.\n');
});

test.each([
  ['YWJj\r\nZGVm\n', 'YWJjZGVm'],
  ['YWJj%2BZGVm%3D%3D', 'YWJj+ZGVm=='],
  ['RelayState=x&SAMLResponse=YQ%3D%3D&b=c', 'YQ=='],
  ['"YQ=="', 'YQ=='],
])('%j is the field %s', (text, field) => {
  expect(samlFieldOf(text)).toBe(field);
});

describe('the options of a profile', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/x';
  test.each([
    [
      { signIn: 'corp', samlProvider: SAML_PROVIDER },
      { kind: 'saml', signIn: 'corp', principalArn: SAML_PROVIDER },
    ],
    [
      { signIn: 'idp', roleArn },
      { kind: 'webIdentity', signIn: 'idp' },
    ],
    [{ webIdentityTokenFile: 'token' }, { kind: 'webIdentity', tokenFile: resolve('token') }],
  ])('%j', (options, origin) => {
    expect(originParams(options)).toEqual({ origin });
  });

  test.each([
    [{ signIn: 'corp' }, /Say which role/],
    [{ samlProvider: SAML_PROVIDER }, /--sign-in and --saml-provider go together/],
    [{ signIn: 'c', ssoRole: 'r', samlProvider: SAML_PROVIDER }, /--sso-role or --saml-provider, not both/],
    [{ signIn: 'c', webIdentityTokenFile: 't' }, /--web-identity-token-file or --sign-in, not both/],
  ])('%j is refused', (options, why) => {
    expect(() => originParams(options)).toThrow(why);
  });
});
