import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { KeyholdError } from '../contract/errors.ts';
import type { ProgramOutcome, Programs } from '../core/sessions/programs.ts';

const MOST_STDERR = 4096;

/** Programs of the person's own, with the daemon's environment, from the home folder. */
export const programs: Programs = {
  run([program = '', ...args], { timeoutMs, mostBytes }) {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: homedir(),
        shell: false,
        windowsHide: true,
      });
      const parts: Buffer[] = [];
      let bytes = 0;
      let stderr = '';
      let refused: KeyholdError | undefined;
      const kill = (error: KeyholdError): void => {
        refused ??= error;
        child.kill('SIGKILL');
        // A grandchild may hold them open for ever.
        child.stdout.destroy();
        child.stderr.destroy();
      };
      const timer = setTimeout(() => {
        const seconds = timeoutMs / 1000;
        kill(
          new KeyholdError('Timeout', `The program ${program} has not ended in ${seconds} seconds. Try it yourself.`),
        );
      }, timeoutMs);
      child.stdout.on('data', (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes <= mostBytes) return;
        kill(new KeyholdError('InvalidInput', `The program ${program} prints more than ${mostBytes} bytes.`));
      });
      child.stderr.on('data', (part: Buffer) => {
        stderr = (stderr + part.toString('utf8')).slice(-MOST_STDERR);
      });
      const settle = (outcome: ProgramOutcome | KeyholdError): void => {
        clearTimeout(timer);
        if (outcome instanceof KeyholdError) reject(outcome);
        else resolve(outcome);
      };
      child.once('error', (error) => settle(cannotStart(program, error)));
      child.once('close', (code, signal) => {
        const stdout = Uint8Array.from(Buffer.concat(parts));
        for (const part of parts) part.fill(0);
        if (refused === undefined) {
          settle({ code: code ?? 1, stdout, stderr: signal === null ? stderr : `${stderr}\nended by ${signal}` });
          return;
        }
        stdout.fill(0);
        settle(refused);
      });
    });
  },
};

function cannotStart(program: string, error: Error): KeyholdError {
  const why = 'code' in error && error.code === 'EACCES' ? 'may not be run' : 'is not there';
  return new KeyholdError(
    'NotFound',
    `The program ${program} ${why}. Give its whole path, and see that it is installed.`,
    undefined,
    { cause: error },
  );
}
