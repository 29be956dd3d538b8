import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { PASSWORD } from '../support/hsm.ts';
import { runCli } from './support/run-cli.ts';

const PASSPHRASE = 'quartz mitten orbit saddle 93';

let daemon: TestDaemon;
let folder: string;
let file: string;
beforeAll(async () => {
  daemon = await startTestDaemon();
  await daemon.create();
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
  folder = mkdtempSync(join(tmpdir(), 'kh-cli-'));
  file = join(folder, 'lab.keyhold-account');
});
afterAll(async () => {
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
});

const keyhold = (args: string[], input?: string) =>
  runCli(args, { home: daemon.home, ...(input === undefined ? {} : { input }) });

test('export takes the password and the passphrase from a pipe, and says what is in the file', async () => {
  const done = await keyhold(
    ['account', 'export', 'lab', '-o', file, '--password-stdin'],
    `${PASSWORD}\n${PASSPHRASE}\n`,
  );
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(done.stdout).toMatch(/^Account lab with 0 KMS keys and 0 clients is in .*lab\.keyhold-account \(.*\)\.\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await keyhold(
    ['account', 'export', 'lab', '-o', file, '--password-stdin'],
    `${PASSWORD}\n${PASSPHRASE}\n`,
  );
  expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('--overwrite')]);
});

test('export refuses a weak passphrase, the vault’s own password, a wrong password and an unknown account', async () => {
  const other = join(folder, 'other');
  const args = ['account', 'export', 'lab', '-o', other, '--password-stdin'];
  expect((await keyhold(args, `${PASSWORD}\nshort\n`)).code).toBe(2);
  const same = await keyhold(args, `${PASSWORD}\n${PASSWORD}\n`);
  expect([same.code, same.stderr]).toEqual([2, expect.stringContaining('not its password')]);
  expect((await keyhold(args, `wrong\n${PASSPHRASE}\n`)).code).toBe(4);
  const unknown = ['account', 'export', 'lb', '-o', other, '--password-stdin'];
  expect((await keyhold(unknown, `${PASSWORD}\n${PASSPHRASE}\n`)).code).toBe(5);
  expect((await keyhold(['account', 'export', 'lab'])).code).toBe(2);
  expect(existsSync(other)).toBe(false);
});

test('import says what is in the way, and takes the account in when nothing is', async () => {
  const secret = join(folder, 'passphrase');
  writeFileSync(secret, `${PASSPHRASE}\n`, { mode: 0o600 });
  const args = ['account', 'import', file, '--passphrase-file', secret, '--json'];
  const clash = await keyhold(args);
  expect([clash.code, JSON.parse(clash.stderr).code]).toEqual([6, 'AlreadyExists']);
  await daemon.call('account.remove', { name: 'lab', cascade: true });
  const wrong = await keyhold(['account', 'import', file, '--password-stdin'], 'not the passphrase\n');
  expect([wrong.code, wrong.stderr]).toEqual([4, expect.stringContaining('not the passphrase of the account file')]);
  const foreign = await keyhold(['account', 'import', secret, '--passphrase-file', secret]);
  expect([foreign.code, foreign.stderr]).toEqual([8, expect.stringContaining('not an account file')]);
  const done = await keyhold([...args, '--name', 'lab2']);
  expect([done.code, JSON.parse(done.stdout)]).toMatchObject([
    0,
    { account: { name: 'lab2' }, kmsKeys: 0, profiles: 1 },
  ]);
});

test('a locked vault is unlocked first: its password, then the passphrase', async () => {
  await daemon.call('account.remove', { name: 'lab2', cascade: true });
  await daemon.call('vault.lock', {});
  const done = await keyhold(['account', 'import', file, '--password-stdin'], `${PASSWORD}\n${PASSPHRASE}\n`);
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(done.stdout).toBe('Account lab (123456789012) is here, with 0 KMS keys, 1 profile and 0 clients.\n');
});

test('with a quorum for keys, nothing leaves until enough officers have approved it', async () => {
  const secretFile = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    return path;
  };
  const alice = secretFile('alice', 'granite otter velvet 82 lagoon');
  const vault = secretFile('vault', PASSWORD);
  const call = { account: 'lab', region: 'us-east-1', service: 'kms', operation: 'CreateKey', input: {} } as const;
  await daemon.call('service.call', call);
  const init = ['hsm', 'users', 'init', 'alice', '--new-password-file', alice, '--password-file', vault];
  expect((await keyhold(init)).code).toBe(0);
  expect((await keyhold(['hsm', 'login', 'alice', '--password-file', alice])).code).toBe(0);
  expect((await keyhold(['hsm', 'quorum', 'set', 'key', '1'])).code).toBe(0);

  const guarded = join(folder, 'guarded');
  const args = ['account', 'export', 'lab', '-o', guarded, '--password-stdin'];
  const refused = await keyhold(args, `${PASSWORD}\n${PASSPHRASE}\n`);
  expect([refused.code, refused.stderr]).toEqual([10, expect.stringContaining('crypto officer')]);
  expect(existsSync(guarded)).toBe(false);

  const created = await keyhold(['hsm', 'quorum', 'token', 'create', '--for', 'export', '--account', 'lab', '--json']);
  const { id } = JSON.parse(created.stdout);
  const approve = ['hsm', 'quorum', 'approve', id, '--user', 'alice', '--password-file', alice];
  expect((await keyhold(approve)).code).toBe(0);
  const done = await keyhold(args, `${PASSWORD}\n${PASSPHRASE}\n`);
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(done.stdout).toContain('Account lab with 1 KMS key');
  const { entries } = await daemon.call('audit.list', { text: 'hsm.quorum.use' });
  expect(entries[0]?.event).toMatchObject({ target: id, decision: 'allowed' });
});
