import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { pinnedNode, startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { CLI_PROGRAM } from '../support/programs.ts';
import { run } from '../support/scenario.ts';
import { cleanEnv } from './support/run-cli.ts';

const PLACE = { account: 'lab', region: 'eu-central-1' } as const;
const PLAIN = randomBytes(3_000_001);
const linux = process.platform === 'linux';

/** What the command line writes besides its answers, when the disk is full, nobody reads on, or a signal ends it. */
describe('files that the command line writes', () => {
  let daemon: TestDaemon;
  let folder: string;
  let temporary: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    daemon = await startTestDaemon();
    await daemon.create();
    await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: PLACE.region });
    const kms = async (operation: string, input: Record<string, unknown>) =>
      (await daemon.call('service.call', { ...PLACE, service: 'kms', operation, input })).output;
    const { KeyMetadata } = (await kms('CreateKey', {})) as { KeyMetadata: { KeyId: string } };
    await kms('CreateAlias', { AliasName: 'alias/backup', TargetKeyId: KeyMetadata.KeyId });
    folder = mkdtempSync(join(tmpdir(), 'kh-written-'));
    temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    env = cleanEnv({ home: daemon.home, env: { TMPDIR: temporary } });
    writeFileSync(at('plain'), PLAIN);
    expect(await keyhold('encrypt', at('plain'), '--key', 'alias/backup')).toMatchObject({ code: 0, stderr: '' });
  });
  afterAll(async () => {
    await daemon?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const at = (name: string): string => join(folder, name);
  const keyhold = (...args: string[]) => run(pinnedNode(), [CLI_PROGRAM, ...args], { env });
  /** A line for the shell, in which `keyhold` is this program. */
  const shell = (line: string) =>
    run('bash', ['-c', `keyhold() { '${pinnedNode()}' '${CLI_PROGRAM}' "$@"; }; cd '${folder}'; ${line}`], { env });
  /** `keyhold decrypt -` that has got half of the message and waits for the rest. */
  const decryptHalf = (output: string): ChildProcess => {
    const args = [CLI_PROGRAM, 'decrypt', '-', '-o', output];
    const child = spawn(pinnedNode(), args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdin.on('error', () => undefined);
    child.stdin.write(readFileSync(at('plain.encrypted')).subarray(0, PLAIN.length / 2));
    return child;
  };
  const ended = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const parts = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.part'));

  test('decrypt to a reader that has seen enough leaves no plaintext behind', async () => {
    const { code, stderr } = await shell('set -o pipefail; keyhold decrypt plain.encrypted -o - | head -c 7');
    expect(code).toBe(0);
    expect([stderr, readdirSync(temporary)]).toEqual(['', []]);
    expect(await daemon.call('client.list', {})).toEqual({ clients: [] });
  });

  test.skipIf(!linux)(
    'what cannot be written to standard output is said in one sentence, and leaves nothing',
    async () => {
      for (const command of ['decrypt plain.encrypted -o -', 'encrypt plain --key alias/backup -o -', 'account list']) {
        const full = await shell(`keyhold ${command} > /dev/full`);
        expect([command, full]).toEqual([
          command,
          { code: 1, stdout: '', stderr: 'keyhold: The disk is full, so standard output could not be written.\n' },
        ]);
      }
      expect(readdirSync(temporary)).toEqual([]);
      expect(await daemon.call('client.list', {})).toEqual({ clients: [] });
    },
  );

  test.skipIf(!linux)(
    'decrypt to standard output has no file with a name, so that even SIGKILL leaves nothing',
    async () => {
      const child = decryptHalf('-');
      const hidden = (): number =>
        Math.max(
          0,
          ...readdirSync(`/proc/${child.pid}/fd`)
            .map((name) => `/proc/${child.pid}/fd/${name}`)
            .filter((path) => linkOf(path).startsWith(temporary) && linkOf(path).endsWith('(deleted)'))
            .map((path) => statSync(path).size),
        );
      await expect.poll(hidden, { timeout: 20_000, message: 'plaintext in a file without a name' }).toBeGreaterThan(0);
      expect(readdirSync(temporary)).toEqual([]);
      child.kill('SIGKILL');
      await ended(child);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  test('a terminal that is closed in the middle of decrypt leaves nothing', async () => {
    const child = decryptHalf(at('interrupted'));
    const sizes = (): number => Math.max(0, ...parts().map((name) => statSync(at(name)).size));
    await expect.poll(sizes, { timeout: 20_000, message: 'plaintext beside its place' }).toBeGreaterThan(0);
    child.kill('SIGHUP');
    expect(await ended(child)).toBe(129);
    expect(readdirSync(folder).filter((name) => name.includes('interrupted') || name.endsWith('.part'))).toEqual([]);
  });

  test('a place that cannot be written is said in one sentence', async () => {
    const encrypt = (target: string) => keyhold('encrypt', at('plain'), '--key', 'alias/backup', '-o', target);
    expect(await encrypt(at('none/here'))).toMatchObject({
      code: 5,
      stderr: `keyhold: There is no folder ${at('none')}.\n`,
    });
    // As long as names may be: the one it has until it is complete is no longer.
    expect(await encrypt(at('y'.repeat(255)))).toMatchObject({ code: 0, stderr: '' });
    expect(parts()).toEqual([]);
  });

  test('a write that a full disk cuts short is no whole one', async ({ skip }) => {
    const disk = at('disk');
    mkdirSync(disk);
    const mount = ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk];
    if (process.getuid?.() !== 0 || spawnSync('mount', mount).status !== 0)
      return skip('only root can mount a small disk');
    onTestFinished(() => void spawnSync('umount', [disk]));
    const exported = await keyhold('audit', 'export', '-o', join(disk, 'log'));
    expect(exported).toEqual({
      code: 1,
      stdout: '',
      stderr: `keyhold: The disk is full, so ${join(disk, 'log')} could not be written.\n`,
    });
    expect(readdirSync(disk)).toEqual([]);
    writeFileSync(join(disk, 'out'), 'x'.repeat(4000));
    const listed = await shell('keyhold audit list >> disk/out');
    expect(listed).toMatchObject({ code: 1, stderr: expect.stringContaining('standard output could not be written') });
  });

  test('audit export is there whole or not at all, and replaces nothing', async () => {
    const done = await keyhold('audit', 'export', '-o', at('log'));
    expect(done).toMatchObject({ code: 0, stderr: '' });
    const lines = readFileSync(at('log'), 'utf8').trimEnd().split('\n');
    expect(done.stdout).toBe(`${lines.length} entries written to ${at('log')}\n`);
    expect(statSync(at('log')).mode & 0o777).toBe(0o600);
    expect(await keyhold('audit', 'export', '-o', at('log'))).toMatchObject({
      code: 6,
      stderr: `keyhold: ${at('log')} exists already. Choose another name.\n`,
    });
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
