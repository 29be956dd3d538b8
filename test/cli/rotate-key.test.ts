import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon/serve.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';
import { runCli } from './support/run-cli.ts';

const VAULT = 'correct horse battery staple 9';

/** In order, as a person would go on. The daemon is in this process, as is AWS. */
describe('keyhold rotate', () => {
  let home: string;
  let daemon: Daemon;
  let aws: StrictAws;
  let oldId: string;
  const keyhold = (args: string[], input?: string) => runCli(args, { home, ...(input === undefined ? {} : { input }) });
  const key = async () => JSON.parse((await keyhold(['key', 'list', '--json'])).stdout).keys[0];

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'kh-rotate-'));
    daemon = await startDaemon({ home, shell: 'serve', port: 0, web: false, kdf: 'floor' });
    await keyhold(['init', '--password-stdin', '--yes', '--json'], `${VAULT}\n`);
    aws = await startStrictAws();
    aws.addUser('deploy');
    const first = aws.addKey('deploy');
    oldId = first.accessKeyId;
    await keyhold(['account', 'add', 'prod', '--remote', '--id', '123456789012', '--endpoint-url', aws.url]);
    writeFileSync(join(home, 'key'), `${first.accessKeyId}\n${first.secretAccessKey}\n`, { mode: 0o600 });
    await keyhold(['key', 'import', 'deploy', '--account', 'prod', '--file', join(home, 'key')]);
    await keyhold(['profile', 'add', 'prod', '--account', 'prod', '--key', 'deploy', '--region', 'eu-central-1']);
  });
  afterAll(async () => {
    await daemon.stop();
    await aws.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('says what it would do, and asks before it does it', async () => {
    const plan = await keyhold(['rotate', 'deploy', '--plan']);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.stdout).toContain(`Key      deploy (${oldId})`);
    expect(plan.stdout).toContain('1. Make a second key');
    const asked = await keyhold(['rotate', 'deploy']);
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(aws.callsOf('CreateAccessKey')).toEqual([]);
    expect((await keyhold(['rotate'])).stderr).toContain('Name the access key');
    expect((await keyhold(['rotate', 'deploi', '--yes'])).stderr).toContain('Did you mean deploy?');
  });

  test('rotates, says each step, and takes it back', async () => {
    const done = await keyhold(['rotate', 'deploy', '--yes']);
    expect(done).toMatchObject({ code: 0 });
    const { accessKeyId } = await key();
    expect(done.stderr).toContain(`  ${accessKeyId} works, for the same user.`);
    expect(done.stdout).toContain(`${oldId} is switched off until`);
    expect(done.stdout).toContain('keyhold rotate rollback deploy');
    expect((await keyhold(['rotate', 'status'])).stdout).toMatch(new RegExp(`deploy +prod +quarantine +${oldId}`));
    const back = await keyhold(['rotate', 'rollback', 'deploy', '--json']);
    expect(JSON.parse(back.stdout)).toMatchObject({ state: 'rolledBack', oldAccessKeyId: oldId });
    expect(await key()).toMatchObject({ accessKeyId: oldId });
  });

  test('those that are old, with a summary; what waits ends with a failure that says what to do', async () => {
    await keyhold(['rotate', 'max-age', '90', '--account', 'prod']);
    expect((await keyhold(['rotate', '--due', '--yes'])).stdout).toBe('No key is that old.\n');
    expect(Date.parse((await key()).dueAt)).toBeGreaterThan(Date.now());
    const user = aws.users.get('deploy');
    if (user !== undefined) user.deny = ['iam:GetAccessKeyLastUsed'];
    const many = await keyhold(['rotate', '--all-older-than', '1s', '--quarantine', '0', '--yes']);
    expect(many).toMatchObject({ code: 1, stdout: expect.stringContaining('waiting (confirm)') });
    expect(many.stderr).toContain('keyhold rotate status');
    const resumed = await keyhold(['rotate', 'resume', 'deploy']);
    expect(resumed).toMatchObject({ code: 1, stderr: expect.stringContaining('has to be confirmed') });
    // To switch it off, and once more to delete it.
    const off = await keyhold(['rotate', 'resume', 'deploy', '--confirm']);
    expect(off).toMatchObject({ code: 1, stderr: expect.stringContaining('Confirm to delete it') });
    expect(aws.keys.get(oldId)?.deleted).not.toBe(true);
    expect(await keyhold(['rotate', 'resume', 'deploy', '--confirm'])).toMatchObject({ code: 0 });
    const status = await keyhold(['rotate', 'status', 'deploy']);
    expect(status.stdout).toMatch(/State +done/);
    expect((await key()).accessKeyId).not.toBe(oldId);
    expect(aws.keys.get(oldId)?.deleted).toBe(true);
  });
});
