import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { programs } from '../../src/daemon/run-program.ts';

vi.mock('node:child_process', async (original) => {
  const real = await original<typeof import('node:child_process')>();
  const spawn = (...given: Parameters<typeof real.spawn>): unknown => {
    if (given[0] !== '/too-many-files') return real.spawn(...given);
    // As Node does: there are no streams, and the error comes afterwards.
    const child = new EventEmitter();
    process.nextTick(() => child.emit('error', Object.assign(new Error('spawn EMFILE'), { code: 'EMFILE' })));
    return child;
  };
  return { ...real, spawn };
});

const LIMITS = { timeoutMs: 20_000, mostBytes: 1000 };
const node = (script: string, limits = LIMITS, ...args: string[]) =>
  programs.run([process.execPath, '-e', script, ...args], limits);

test('gives what was printed and how it ended, each argument as it is', async () => {
  const script = 'console.log(JSON.stringify(process.argv.slice(1))); console.error("why"); process.exitCode = 4';
  const outcome = await node(script, LIMITS, 'a b', '$(id)', ';');
  expect(JSON.parse(Buffer.from(outcome.stdout).toString())).toEqual(['a b', '$(id)', ';']);
  expect([outcome.code, outcome.stderr]).toEqual([4, 'why\n']);
});

test('kills what does not end, and what prints without end', async () => {
  await expect(node('setInterval(() => {}, 1000)', { ...LIMITS, timeoutMs: 300 })).rejects.toThrow(
    /has not ended in 0.3/,
  );
  await expect(node('for (;;) process.stdout.write("x".repeat(500))')).rejects.toThrow(/prints more than 1000 bytes/);
});

test('says which program is not there', async () => {
  await expect(programs.run(['/nowhere/get-creds'], LIMITS)).rejects.toThrow(
    'The program /nowhere/get-creds is not there. Give its whole path, and see that it is installed.',
  );
});

test('says that there is no room for a program, and goes on', async () => {
  await expect(programs.run(['/too-many-files'], LIMITS)).rejects.toMatchObject({
    code: 'Unreachable',
    message: expect.stringContaining('(EMFILE). Try again.'),
  });
});

test.runIf(process.platform === 'linux')('kills what a shell has started too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kh-program-'));
  try {
    const file = join(folder, 'pid');
    const words = ['/bin/sh', '-c', 'sleep 60 & echo $! > "$0"; wait', file];
    await expect(programs.run(words, { ...LIMITS, timeoutMs: 1000 })).rejects.toMatchObject({ code: 'Timeout' });
    const pid = Number(readFileSync(file, 'utf8'));
    // Dead, though perhaps not yet waited for by who inherits it.
    const state = (): string => {
      try {
        return /^\d+ \(.*\) (\w)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? 'gone';
      } catch {
        return 'gone';
      }
    };
    await vi.waitFor(() => expect(['gone', 'Z']).toContain(state()), { timeout: 5000, interval: 20 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
