import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { pinnedNode } from '../../support/daemon.ts';
import { CLI_PROGRAM } from '../../support/programs.ts';
import { cleanEnv, type RunOptions } from './run-cli.ts';

const SCRIPT = fileURLToPath(new URL('./person.py', import.meta.url));

/** Why there is no pseudo-terminal to test with; null when there is one. */
export function whyNoPty(): string | null {
  if (process.platform === 'win32') return 'Windows has no pty module';
  return spawnSync('python3', ['-c', 'import pty, termios, os; os.waitstatus_to_exitcode']).status === 0
    ? null
    : 'python3 3.9 or newer is not here';
}

export interface Step {
  expect: string;
  send: string;
  /** What the terminal must do with what is typed now. */
  echo?: boolean;
}

const Outcome = z.object({
  output: z.string(),
  /** Negative: minus the signal's number. */
  code: z.int(),
  echoAtEnd: z.boolean().nullable(),
  failure: z.string().nullable(),
});

/** Runs `keyhold ARGS` at a terminal and types. `failure` says which text never came. */
export function runOnTerminal(
  args: readonly string[],
  steps: readonly Step[],
  options: RunOptions,
): Promise<z.infer<typeof Outcome>> {
  const script = JSON.stringify({ command: [pinnedNode(), CLI_PROGRAM, ...args], steps });
  return new Promise((resolve, reject) => {
    execFile('python3', [SCRIPT, script], { env: cleanEnv(options), timeout: 60_000 }, (error, stdout) => {
      if (error !== null) reject(error);
      else resolve(Outcome.parse(JSON.parse(stdout)));
    });
  });
}
