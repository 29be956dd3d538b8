import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { yieldToWakers } from '../../src/daemon/yield-to-wakers.ts';
import { policyOf, whyNoPolicies } from '../support/scheduling.ts';

const why = whyNoPolicies();

test.skipIf(why !== null)(
  `a process yields to whoever wakes it, and stops doing so${why === null ? '' : `: ${why}`}`,
  async () => {
    const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = sleeper.pid ?? 0;
    try {
      expect(policyOf(pid)).toBe('other');
      yieldToWakers(pid, true);
      await vi.waitUntil(() => policyOf(pid) === 'batch', { timeout: 5000 });
      yieldToWakers(pid, false);
      await vi.waitUntil(() => policyOf(pid) === 'other', { timeout: 5000 });
    } finally {
      sleeper.kill('SIGKILL');
    }
  },
);

test('a process that is gone, or a system without policies, is nothing to complain about', async () => {
  const { pid = 0 } = spawn('true', { stdio: 'ignore' });
  await vi.waitUntil(() => !existsSync(`/proc/${pid}`), { timeout: 5000 });
  expect(() => yieldToWakers(pid, true)).not.toThrow();
});
