import { type SpawnOptions, spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface Outcome {
  /** Exit status; 128 + n after signal n. */
  code: number;
  seconds: number;
}

/** Runs a program to its end with our stdio, passing SIGINT and SIGTERM on. Rejects only if it cannot be started. */
export function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    const passOn = (signal: NodeJS.Signals): void => {
      // A terminal's Ctrl+C reaches the child by itself.
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    };
    process.on('SIGINT', passOn);
    process.on('SIGTERM', passOn);
    const end = (): void => {
      process.off('SIGINT', passOn);
      process.off('SIGTERM', passOn);
    };
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      end();
      const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      resolve({ code: status, seconds: (performance.now() - started) / 1000 });
    });
  });
}
