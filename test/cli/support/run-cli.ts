import { type ChildProcess, spawn } from 'node:child_process';
import { pinnedNode } from '../../support/daemon.ts';
import { CLI_PROGRAM, COMPILED } from '../../support/programs.ts';

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  home: string;
  input?: string;
  env?: Record<string, string>;
  cwd?: string;
}

/** An environment in which nothing of the person who runs the tests shows through. */
export function cleanEnv(options: RunOptions): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: options.home,
    KEYHOLD_HOME: options.home,
    KEYHOLD_KDF: 'floor',
    TERM: 'xterm-256color',
    NODE_COMPILE_CACHE: COMPILED,
    ...options.env,
  };
}

/** Starts `keyhold ARGS` in a session of its own: no controlling terminal, so that nothing is asked. */
export function startCli(
  args: readonly string[],
  options: RunOptions,
): { process: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(pinnedNode(), [CLI_PROGRAM, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: cleanEnv(options),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  );
  return { process: child, ended };
}

export function runCli(args: readonly string[], options: RunOptions): Promise<Ended> {
  return startCli(args, options).ended;
}
