import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon/serve.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';
import { runCli } from './support/run-cli.ts';

const VAULT = 'correct horse battery staple 9';

/** In order, as a person would go on. The daemon is in this process, as is AWS. */
describe('keyhold credential', () => {
  let home: string;
  let daemon: Daemon;
  let aws: StrictAws;
  let passwords: string;
  const keyhold = (args: string[], input?: string) => runCli(args, { home, ...(input === undefined ? {} : { input }) });
  const one = async (name: string) => JSON.parse((await keyhold(['credential', 'show', name, '--json'])).stdout);

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'kh-credential-'));
    passwords = join(home, 'password');
    writeFileSync(passwords, `${VAULT}\n`, { mode: 0o600 });
    daemon = await startDaemon({ home, shell: 'serve', port: 0, web: false, kdf: 'floor' });
    await keyhold(['init', '--password-stdin', '--yes', '--json'], `${VAULT}\n`);
    aws = await startStrictAws();
    aws.addUser('deploy');
    const first = aws.addKey('deploy');
    await keyhold(['account', 'add', 'prod', '--remote', '--id', '123456789012', '--endpoint-url', aws.url]);
    writeFileSync(join(home, 'key'), `${first.accessKeyId}\n${first.secretAccessKey}\n`, { mode: 0o600 });
    await keyhold(['key', 'import', 'deploy', '--account', 'prod', '--file', join(home, 'key')]);
  });
  afterAll(async () => {
    await daemon.stop();
    await aws.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('adds a password that IAM makes, and shows it to who knows the vault’s', async () => {
    expect((await keyhold(['credential', 'list'])).stdout).toContain('No credentials besides access keys yet');
    const wrong = await keyhold(['credential', 'add', 'service', 'git', '--key', 'deploy', '--service', 's3']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('codecommit, keyspaces or bedrock') });
    const added = await keyhold(['credential', 'add', 'service', 'git', '--key', 'deploy', '--service', 'codecommit']);
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('user deploy-at-123456789012') });
    const [made] = aws.credentials.values();
    const shown = await keyhold(['credential', 'reveal', 'git', '--password-file', passwords]);
    expect(shown).toMatchObject({ code: 0, stdout: `${made?.secret}\n` });
    expect(shown.stderr).toContain('User: deploy-at-123456789012\nIt has left the vault');
    const out = join(home, 'out');
    expect(await keyhold(['credential', 'reveal', 'git', '--out', out, '--password-file', passwords])).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect([readFileSync(out, 'utf8'), statSync(out).mode & 0o777]).toEqual([`${made?.secret}\n`, 0o600]);
    const again = await keyhold(['credential', 'reveal', 'git', '--out', out, '--password-file', passwords]);
    expect(again).toMatchObject({ code: 6, stderr: expect.stringContaining('--force') });
    const listed = await keyhold(['credential', 'list']);
    expect(listed.stdout).toMatch(/git +password, CodeCommit +prod +deploy +deploy-at-123456789012/);
    expect(listed.stdout + (await keyhold(['credential', 'show', 'git', '--json'])).stdout).not.toContain(made?.secret);
  });

  test('rotates it, waits until tools have the new one, and goes on', async () => {
    const before = await one('git');
    const plan = await keyhold(['rotate', 'git', '--plan']);
    expect(plan.stdout).toContain('1. Make a second password for the user');
    const begun = await keyhold(['rotate', 'git', '--yes']);
    expect(begun).toMatchObject({ code: 1, stderr: expect.stringContaining('Give the tools that use git the new') });
    expect(begun.stderr).toContain('keyhold rotate resume git --confirm');
    expect((await keyhold(['credential', 'show', 'git'])).stdout).toContain(`Replaces    ${before.credentialId}`);
    expect((await keyhold(['rotate', 'status'])).stdout).toMatch(/git +prod +waiting \(confirm\) +ACCA/);
    const off = await keyhold(['rotate', 'resume', 'git', '--confirm']);
    expect(off).toMatchObject({ code: 0, stdout: expect.stringContaining('is switched off until') });
    await keyhold(['rotate', 'rollback', 'git']);
    expect((await one('git')).credentialId).toBe(before.credentialId);
    expect([...aws.credentials.values()].filter(({ deleted }) => !deleted)).toHaveLength(1);
  });

  test('takes one in that there is already', async () => {
    const args = ['credential', 'add', 'service', 'cass', '--key', 'deploy', '--service', 'keyspaces'];
    const existing = [...args, '--existing', 'ACCAEXAMPLE123EXAMPLE', '--user', 'deploy-at-123456789012'];
    expect(await keyhold([...args, '--existing', 'ACCAEXAMPLE123EXAMPLE'])).toMatchObject({ code: 2 });
    expect(await keyhold([...existing, '--secret-stdin'], 'a+b/c=\n')).toMatchObject({ code: 0 });
    const shown = await keyhold(['credential', 'reveal', 'cass', '--json', '--password-file', passwords]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ secret: 'a+b/c=', credential: { state: 'ready' } });
  });

  test('derives an SMTP password, and removes what is not wanted any more', async () => {
    await keyhold(['credential', 'add', 'smtp', 'mail', '--key', 'deploy', '--region', 'eu-west-1']);
    const shown = await keyhold(['credential', 'reveal', 'mail', '--password-file', passwords]);
    expect(shown.stdout).toMatch(/^B[\w+/]{43}\n$/);
    expect(await keyhold(['credential', 'remove', 'mail'])).toMatchObject({ code: 2 });
    expect(await keyhold(['credential', 'rm', 'mail', '--yes'])).toMatchObject({
      code: 0,
      stdout: 'mail is removed.\n',
    });
    const here = await keyhold(['credential', 'remove', 'cass', '--yes']);
    expect(here.stdout).toContain('It goes on working in IAM');
    const gone = await keyhold(['credential', 'remove', 'git', '--at-aws', '--yes']);
    expect(gone).toMatchObject({ code: 0, stdout: 'git is removed.\n' });
    expect([...aws.credentials.values()].every(({ deleted }) => deleted)).toBe(true);
    expect((await keyhold(['credential', 'show', 'git'])).code).toBe(5);
  });

  test('those that are due, among the keys', async () => {
    await keyhold(['credential', 'add', 'service', 'deploy', '--key', 'deploy', '--service', 'bedrock']);
    await keyhold(['rotate', 'max-age', '90', '--credential', 'deploy']);
    const { dueAt } = await one('deploy');
    expect(Date.parse(dueAt)).toBeGreaterThan(Date.now());
    expect(await keyhold(['rotate', 'max-age', '90'])).toMatchObject({ code: 2 });
    // The password was made a moment ago, and a second is the least that can be said.
    await vi.waitFor(
      async () => {
        const planned = await keyhold(['rotate', '--all-older-than', '1s', '--plan', '--json']);
        expect(JSON.parse(planned.stdout).keys.sort()).toEqual(['credential:deploy', 'key:deploy']);
      },
      { timeout: 10_000, interval: 200 },
    );
    // A key that is called as the credential would be is told apart from it.
    aws.addUser('other');
    const { accessKeyId, secretAccessKey } = aws.addKey('other');
    writeFileSync(join(home, 'other'), `${accessKeyId}\n${secretAccessKey}\n`, { mode: 0o600 });
    const odd = await keyhold([
      ...['key', 'import', 'credential:deploy', '--account', 'prod', '--file', join(home, 'other')],
    ]);
    expect(odd.code).toBe(0);
    await vi.waitFor(
      async () => {
        const planned = await keyhold(['rotate', '--all-older-than', '1s', '--plan', '--json']);
        expect(JSON.parse(planned.stdout).keys).toContain('key:credential:deploy');
        expect(JSON.parse(planned.stdout).keys).toContain('credential:deploy');
      },
      { timeout: 10_000, interval: 200 },
    );
    await keyhold(['key', 'rm', 'credential:deploy', '--yes']);
    const many = await keyhold(['rotate', '--all-older-than', '1s', '--quarantine', '0', '--yes']);
    expect(many.stdout).toMatch(/credential:deploy +waiting \(confirm\) +Give the tools/);
  });
});
