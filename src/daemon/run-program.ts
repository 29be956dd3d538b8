import { type ChildProcess, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { KeyholdError } from '../contract/errors.ts';
import type { ProgramOutcome, Programs } from '../core/sessions/programs.ts';

const MOST_STDERR = 4096;
const WINDOWS = process.platform === 'win32';
/** Of this computer at this moment, and not of the program. */
const PASSING: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM']);

/** Programs of the person's own, with the daemon's environment, from the home folder. */
export const programs: Programs = {
  run([program = '', ...args], { timeoutMs, mostBytes }) {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        cwd: homedir(),
        shell: false,
        windowsHide: true,
        // A process group of its own, which can be ended with all that it has started.
        detached: !WINDOWS,
      });
      const parts: Buffer[] = [];
      let bytes = 0;
      let stderr = '';
      let refused: KeyholdError | undefined;
      let timer: NodeJS.Timeout | undefined;
      const settle = (outcome: ProgramOutcome | KeyholdError): void => {
        clearTimeout(timer);
        if (outcome instanceof KeyholdError) reject(outcome);
        else resolve(outcome);
      };
      // First: where it could not be started, there may be no streams either.
      child.once('error', (error) => settle(cannotStart(program, error)));
      const kill = (error: KeyholdError): void => {
        refused ??= error;
        killAll(child);
        // What has left the group may hold them open for ever.
        child.stdout?.destroy();
        child.stderr?.destroy();
      };
      child.stdout?.on('data', (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes <= mostBytes) return;
        kill(new KeyholdError('InvalidInput', `The program ${program} prints more than ${mostBytes} bytes.`));
      });
      child.stderr?.on('data', (part: Buffer) => {
        stderr = (stderr + part.toString('utf8')).slice(-MOST_STDERR);
      });
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
      timer = setTimeout(() => {
        const seconds = timeoutMs / 1000;
        kill(
          new KeyholdError('Timeout', `The program ${program} has not ended in ${seconds} seconds. Try it yourself.`),
        );
      }, timeoutMs);
    });
  },
};

function killAll(child: ChildProcess): void {
  try {
    if (child.pid !== undefined && !WINDOWS) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // All of it has ended by itself meanwhile.
  }
}

function cannotStart(program: string, error: Error): KeyholdError {
  const code = 'code' in error ? error.code : undefined;
  if (PASSING.has(code)) {
    return new KeyholdError(
      'Unreachable',
      `The program ${program} cannot be started now, because this computer has no room for it (${String(code)}). Try again.`,
      undefined,
      { cause: error },
    );
  }
  const why = code === 'EACCES' ? 'may not be run' : 'is not there';
  return new KeyholdError(
    'NotFound',
    `The program ${program} ${why}. Give its whole path, and see that it is installed.`,
    undefined,
    { cause: error },
  );
}
