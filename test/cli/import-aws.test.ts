import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cli, createCli } from '../../src/cli/cli.ts';
import { define as defineConfig } from '../../src/cli/commands/config.ts';
import { define as defineImport } from '../../src/cli/commands/import.ts';
import { SECRET_KEY, startTestCore, type TestCore } from '../support/core.ts';

const MFA = 'arn:aws:iam::111111111111:mfa/ada';
const role = (name: string, account = '222222222222') => `arn:aws:iam::${account}:role/${name}`;
const CREDENTIALS = `[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = ${SECRET_KEY}\n`;
const CONFIG = `[profile base]
region = eu-central-1
mfa_serial = ${MFA}

[profile audit]
role_arn = ${role('audit', '333333333333')}
source_profile = deploy

[profile deploy]
role_arn = ${role('deploy')}
source_profile = base
mfa_serial = ${MFA}
duration_seconds = 7200
region = eu-west-1
s3 =
  max_concurrent_requests = 20

[profile stage]
role_arn = ${role('stage')}
source_profile = base
external_id = ex-4711

[profile lab]
role_arn = ${role('lab', '000000000000')}
source_profile = base
endpoint_url = http://127.0.0.1:4566

[profile lost]
role_arn = ${role('lost')}
source_profile = gone
`;

let core: TestCore;
let folder: string;
let said: string[];
let printed: unknown[];

/** The command as it is, over a core in this process, and what it says. */
async function keyhold(define: typeof defineImport, args: string[]): Promise<string> {
  said = [];
  printed = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const cli: Cli = {
    ...createCli(),
    call: core.client.call,
    callSealed: core.client.callSealed,
    home: core.home,
    terminal: () => null,
    note: (text) => void said.push(`${text}\n`),
    print(value, text) {
      printed.push(value);
      said.push(text());
    },
  };
  const command = new Command();
  try {
    define(command, cli);
    await command.parseAsync([...args, '--dir', folder], { from: 'user' });
  } finally {
    write.mockRestore();
  }
  return said.join('');
}

beforeAll(async () => {
  core = startTestCore();
  await core.create();
  // Its id is a role's account, and yet no role is there.
  await core.client.call('account.add', { name: 'sandbox', accountId: '333333333333', kind: 'local' });
  await core.client.call('account.add', { name: 'production', accountId: '222222222222', kind: 'remote' });
});
afterAll(() => core.dispose());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-aws-'));
  writeFileSync(join(folder, 'credentials'), CREDENTIALS);
  writeFileSync(join(folder, 'config'), CONFIG);
  return () => rmSync(folder, { recursive: true });
});

/** In order: each test goes on from the one before. */
describe('import aws with roles', () => {
  const run = (...args: string[]) =>
    keyhold(defineImport, ['aws', '--account-id', '111111111111', '--account', 'hub', ...args]);
  /** Of the profiles, but for the local account's own. */
  const names = async () => {
    const { profiles } = await core.client.call('profile.list', {});
    return profiles.flatMap(({ name }) => (name === 'sandbox' ? [] : [name])).sort();
  };

  test('shows with --dry-run what it would do, and what it could not', async () => {
    const output = await run('--dry-run');
    expect(output).toMatch(/^base +AKIAIOSFODNN7EXAMPLE +eu-central-1 +credentials:2 +import$/m);
    expect(output).toMatch(/^deploy +- +eu-west-1 +config:9 +import, as the role deploy of 222222222222 from base$/m);
    expect(output).toMatch(/^audit .* import, as the role audit of 333333333333 from deploy$/m);
    expect(output).toMatch(/^lost .* skip: config line 30, source_profile: there is no profile "gone"$/m);
    expect(output).toMatch(/^Left behind:\n {2}config:15 {2}deploy, s3: Keyhold has no such setting$/m);
    expect(output).not.toContain(SECRET_KEY);
    expect(await names()).toEqual([]);
  });

  test('adds keys, accounts of the roles and profiles, sources first', async () => {
    const output = await run('--yes');
    expect(output).toContain('Imported 1 key and 5 profiles.');
    expect(output).toContain(
      `base: the vault does not have the codes of ${MFA} yet. Add them: keyhold totp add NAME --mfa-serial ${MFA}`,
    );
    const { profiles } = await core.client.call('profile.list', {});
    expect(profiles.find(({ name }) => name === 'audit')).toMatchObject({
      account: 'audit',
      accountId: '333333333333',
      chain: ['deploy', 'base'],
      role: { arn: role('audit', '333333333333') },
      session: { kind: 'chained-role' },
    });
    expect(profiles.find(({ name }) => name === 'deploy')).toMatchObject({
      account: 'production',
      source: 'base',
      region: 'eu-west-1',
      role: { arn: role('deploy'), durationSeconds: 7200 },
    });
    expect(profiles.find(({ name }) => name === 'base')).toMatchObject({ account: 'hub', key: 'base', mfaSerial: MFA });
    expect(profiles.find(({ name }) => name === 'stage')?.role).toEqual({ arn: role('stage'), externalId: 'ex-4711' });
    const { accounts } = await core.client.call('account.list', {});
    expect(accounts.find(({ name }) => name === 'lab')).toMatchObject({
      accountId: '000000000000',
      endpointUrl: 'http://127.0.0.1:4566',
    });
    expect(accounts.map(({ name }) => name).sort()).toEqual(['audit', 'hub', 'lab', 'production', 'sandbox']);
  });

  test('adds nothing a second time, and goes on where it was broken off', async () => {
    const before = await names();
    expect(await run('--yes')).toContain('There was nothing to import.');
    await core.client.call('profile.remove', { name: 'deploy', cascade: true });
    expect(await names()).toEqual(['base', 'lab', 'stage']);
    expect(await run('--yes')).toContain('Imported 0 keys and 2 profiles.');
    expect(await names()).toEqual(before);
  });

  test('says which profile the vault refused, with its line', async () => {
    writeFileSync(
      join(folder, 'config'),
      `[profile bad]\nrole_arn = ${role('bad')}\nsource_profile = base\nsession_tags = ${Array.from({ length: 51 }, (_, index) => `t${index}=x`).join(',')}\n`,
    );
    await expect(run('--yes')).rejects.toThrow(
      'The profile bad (config line 2) was not added: role.tags: a session takes at most 50 tags, not 51. What comes before it is imported; the same command goes on from there.',
    );
  });

  test('imports nothing of files that cannot be read, and names every such line', async () => {
    writeFileSync(join(folder, 'credentials'), `${CREDENTIALS}[open\naws_access_key_id = x\n`);
    writeFileSync(join(folder, 'config'), `${CONFIG}[profile new]\nrole_arn ${role('new')}\nsource_profile\n`);
    const before = await names();
    await expect(run('--yes')).rejects.toThrow(
      `Nothing was imported, because these lines cannot be read:
  ${join(folder, 'credentials')} line 4: the section header has no closing bracket, or something stands after it
  ${join(folder, 'config')} line 32: expected "name = value", a [section] or a # comment
  ${join(folder, 'config')} line 33: expected "name = value", a [section] or a # comment`,
    );
    expect(await names()).toEqual(before);
  });

  test('config install writes such profiles as Keyhold’s own, not as roles for AWS tools to assume', async () => {
    rmSync(join(folder, 'config'));
    rmSync(join(folder, 'credentials'));
    await keyhold(defineConfig, ['install', '--profile', 'audit', '--profile', 'deploy']);
    const written = readFileSync(join(folder, 'config'), 'utf8');
    expect(written).toMatch(/^\[profile audit\]\ncredential_process = .* credential-process audit/m);
    expect(written).toContain('endpoint_url = http://127.0.0.1:4587\n');
    expect(written).not.toMatch(/role_arn|source_profile|mfa_serial|external_id|sso_/);
    // Nor is any of that taken for something to import.
    expect(await run('--yes')).toContain('There was nothing to import.');
    expect(printed).toMatchObject([{ skipped: [{ profile: 'audit' }, { profile: 'deploy' }], profiles: [] }]);
  });
});

test('roles of an Identity Center come in with what is signed in to, once', async () => {
  rmSync(join(folder, 'credentials'));
  const of = (name: string) =>
    `[profile ${name}]\nsso_session = corp\nsso_account_id = 444444444444\nsso_role_name = ${name}\n`;
  const session = '[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-central-1\n';
  writeFileSync(join(folder, 'config'), `${of('Admin')}${of('Read')}${session}`);
  const output = await keyhold(defineImport, ['aws', '--yes']);
  expect(output).toMatch(/^Admin .* import, as the role Admin of 444444444444 by signing in to corp$/m);
  expect(output).toContain('Imported 0 keys and 2 profiles.');
  expect(output).toContain('Sign in to corp before its profiles are used: keyhold login corp');
  const { signIns } = await core.client.call('signIn.list', {});
  expect(signIns).toMatchObject([
    { name: 'corp', settings: { type: 'sso', region: 'eu-central-1' }, profiles: ['Admin', 'Read'] },
  ]);
  writeFileSync(join(folder, 'config'), `${of('Admin')}${of('Read')}${of('New')}${session}`);
  expect(await keyhold(defineImport, ['aws', '--yes'])).toContain('Imported 0 keys and 1 profile.');
  expect((await core.client.call('signIn.list', {})).signIns[0]?.profiles).toEqual(['Admin', 'New', 'Read']);
});
