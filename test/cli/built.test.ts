import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { pinnedNode } from '../support/daemon.ts';
import { cleanEnv } from './support/run-cli.ts';

/** What `npm ci` leaves: the program as it is installed, in several bundles. */
const BUILT = fileURLToPath(new URL('../../bin/keyhold.js', import.meta.url));

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'kh-built-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function start(args: readonly string[], home: string): { child: ChildProcess; output: { out: string; err: string } } {
  const child = spawn(pinnedNode(), [BUILT, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: cleanEnv({ home }),
  });
  onTestFinished(() => {
    try {
      // With whatever it started: it leads a process group of its own.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.err += chunk.toString();
  });
  return { child, output };
}

async function runToEnd(args: readonly string[], home: string): Promise<{ code: number | null; stderr: string }> {
  const { child, output } = start(args, home);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stderr: output.err };
}

test('serve twice: the second names the process that is there, for people and for programs', async () => {
  const home = folder();
  const { child, output } = start(['serve', '--port', '0'], home);
  await expect.poll(() => output.out).toContain('\n');
  const { pid } = JSON.parse(output.out) as { pid: number };
  expect(pid).toBe(child.pid);
  const second = await runToEnd(['serve', '--port', '0'], home);
  expect(second.code).toBe(1);
  expect(second.stderr).toBe(
    `keyhold: Keyhold is already running here (process ${pid}); use that one or stop it first.\n`,
  );
  const third = await runToEnd(['serve', '--port', '0', '--json'], home);
  expect(JSON.parse(third.stderr)).toMatchObject({ code: 'VaultBusy', details: { holder: { pid } } });
  expect(readFileSync(join(home, 'daemon.log'), 'utf8')).toContain(`already running here (process ${pid})`);
});

test('a port that is taken and a folder that is a file are named', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    taken.close();
  });
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const home = folder();
  const busy = await runToEnd(['serve', '--json', '--port', String(port)], home);
  expect(busy.code).toBe(1);
  expect(JSON.parse(busy.stderr)).toMatchObject({ code: 'PortInUse' });
  expect(readFileSync(join(home, 'daemon.log'), 'utf8')).toContain(String(port));

  const file = join(home, 'file');
  writeFileSync(file, '');
  const wrong = await runToEnd(['serve', '--json'], file);
  expect(wrong.code).toBe(2);
  expect(JSON.parse(wrong.stderr)).toMatchObject({ code: 'InvalidInput' });
  expect(wrong.stderr).toContain(file);
});

test('a vault that another daemon holds, under another folder: named, and nothing is left running', async () => {
  const home = folder();
  const { child, output } = start(['serve', '--port', '0'], home);
  await expect.poll(() => output.out).toContain('\n');
  const password = join(home, 'password');
  writeFileSync(password, 'correct horse battery staple 9\n', { mode: 0o600 });
  const made = await runToEnd(['init', '--password-file', password], home);
  expect(made.code).toBe(0);
  expect(made.stderr).toContain('keyhold hsm mirror add PATH');

  const other = folder();
  symlinkSync(join(home, 'vault.keyhold'), join(other, 'vault.keyhold'));
  const second = start(['serve', '--port', '0'], other);
  const exit = new Promise<number | null>((resolve) => second.child.once('exit', resolve));
  const code = await exit;
  expect(code).toBe(1);
  expect(second.output.err).toContain(`process ${child.pid}`);
  // Its own process group: nothing of it may still be there.
  expect(() => process.kill(-(second.child.pid ?? 0), 0)).toThrow('ESRCH');
});
