import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pinnedNode } from '../support/daemon.ts';

const RUN_CHILD = fileURLToPath(new URL('../../src/cli/run-child.ts', import.meta.url));

/** In a process of its own: signals are the process's, not a test worker's. */
function script(body: string) {
  const source = `import { holdSignals, runChild } from ${JSON.stringify(RUN_CHILD)};\n${body}`;
  return spawnSync(pinnedNode(), ['--input-type=module', '-e', source], { encoding: 'utf8', timeout: 30_000 });
}

test('a signal before there is a child ends nothing, starts nothing, and is not forgotten', () => {
  const { stdout, status } = script(`
    const signals = holdSignals();
    process.kill(process.pid, 'SIGWINCH');
    process.kill(process.pid, 'SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(await runChild('echo', ['started'], process.env, signals));
    console.log('cleaned up');
    signals.release();
  `);
  expect([stdout, status]).toEqual(['143\ncleaned up\n', 0]);
});

test('after release a signal ends the process as ever', () => {
  const { signal } = script(`
    const signals = holdSignals();
    signals.release();
    process.kill(process.pid, 'SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 5000));
  `);
  expect(signal).toBe('SIGTERM');
});

test('the exit code is the child’s, or 128 and the signal', () => {
  const { stdout } = script(`
    const signals = holdSignals();
    for (const end of ['exit 3', 'kill -9 $$', 'kill -15 $$']) console.log(await runChild('sh', ['-c', end], process.env, signals));
  `);
  expect(stdout).toBe('3\n137\n143\n');
});
