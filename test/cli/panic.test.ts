import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon/serve.ts';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';
import type { StrictKey } from '../support/strict-aws/state.ts';
import { runCli } from './support/run-cli.ts';

const VAULT = 'correct horse battery staple 9';

/** In order, as a person would go on. The daemon is in this process, as is AWS. */
describe('keyhold panic', () => {
  let home: string;
  let daemon: Daemon;
  let aws: StrictAws;
  let key: StrictKey;
  const keyhold = (args: string[], input?: string) => runCli(args, { home, ...(input === undefined ? {} : { input }) });

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'kh-panic-'));
    daemon = await startDaemon({ home, shell: 'serve', port: 0, web: false, kdf: 'floor' });
    await keyhold(['init', '--password-stdin', '--yes', '--json'], `${VAULT}\n`);
    aws = await startStrictAws();
    aws.addUser('deploy', { deny: ['iam:PutUserPolicy'] });
    key = aws.addKey('deploy');
    await keyhold(['account', 'add', 'prod', '--remote', '--id', '123456789012', '--endpoint-url', aws.url]);
    writeFileSync(join(home, 'key'), `${key.accessKeyId}\n${key.secretAccessKey}\n`, { mode: 0o600 });
    await keyhold(['key', 'import', 'deploy', '--account', 'prod', '--file', join(home, 'key')]);
  });
  afterAll(async () => {
    await daemon.stop();
    await aws.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('says what it would do, and asks before it does it', async () => {
    expect((await keyhold(['panic', 'status'])).stdout).toBe('There has been no panic.\n');
    const plan = await keyhold(['panic', '--plan']);
    expect(plan).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 access key switched off, here and at AWS: deploy'),
    });
    expect(await keyhold(['panic'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await keyhold(['panic', '--yes', '--keys', 'deploi'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Did you mean deploy?'),
    });
    expect(await keyhold(['panic', '--yes', '--keys', 'deploy,'])).toMatchObject({ code: 2 });
    expect(await keyhold(['panic', '--yes', '--now', '--keep-unlocked'])).toMatchObject({ code: 2 });
    expect(aws.calls).toEqual([]);
    expect(JSON.parse((await keyhold(['status', '--json'])).stdout)).toMatchObject({ state: 'unlocked' });
  });

  test('switches off, locks, and ends with a failure that leaves no doubt about what is left', async () => {
    const panic = await keyhold(['panic', '--yes']);
    expect(panic).toMatchObject({ code: 1, stderr: expect.stringContaining('not told everything') });
    expect(panic.stdout).toMatch(new RegExp(`make inactive +${key.accessKeyId} +prod +done`));
    expect(panic.stdout).toMatch(/refuse older sessions of the user +deploy +prod +failed/);
    expect(panic.stdout).toContain('attach this inline policy to the user: {"Version"');
    expect(panic.stdout).toContain('The vault is locked.');
    expect(key.status).toBe('Inactive');
    expect(await keyhold(['panic', 'status'])).toMatchObject({ code: 3 });
    await keyhold(['unlock', '--password-stdin'], `${VAULT}\n`);
    expect((await keyhold(['panic', 'status'])).stdout).toContain('What to do next\n  1. ');
  });

  test('goes on once something was put right, and is taken back or put away', async () => {
    // Somebody has made it active in the console.
    key.status = 'Active';
    expect(await keyhold(['panic', 'undo'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    const undone = await keyhold(['panic', 'undo', '--yes', '--json']);
    expect(JSON.parse(undone.stdout)).toMatchObject({ state: 'undone', complete: true });
    const user = aws.users.get('deploy');
    if (user !== undefined) user.deny = [];
    const again = await keyhold(['panic', '--yes', '--keys', 'deploy', '--keep-unlocked', '--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ state: 'open', complete: true, keys: ['deploy'] });
    expect(await keyhold(['panic', 'resume'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nothing to try'),
    });
    expect((await keyhold(['panic', 'close'])).stdout).toContain('Put away.');
    expect(await keyhold(['panic', 'close'])).toMatchObject({ code: 5 });
  });
});
