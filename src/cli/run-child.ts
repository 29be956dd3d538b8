import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { constants as os } from 'node:os';
import { delimiter, join } from 'node:path';
import { NotRunnable } from './errors.ts';
import { EXIT } from './exit-codes.ts';

/** Those the terminal itself sends to every process in the foreground. */
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);
/** Those that end a process which does not listen. */
const ENDS: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGBREAK',
]);
const PASSED_ON: readonly NodeJS.Signals[] = [...FROM_TERMINAL, 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];
const ON_WINDOWS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGBREAK'];

/** From `holdSignals` until `release`: signals reach the child, and none ends this process before it has cleaned up. */
export interface HeldSignals {
  /** The first signal that came while there was no child to pass it on to. */
  readonly missed: NodeJS.Signals | undefined;
  sendTo(child: ChildProcess): void;
  release(): void;
}

export function holdSignals(): HeldSignals {
  let child: ChildProcess | undefined;
  let missed: NodeJS.Signals | undefined;
  const listeners = new Map<NodeJS.Signals, () => void>();
  for (const signal of process.platform === 'win32' ? ON_WINDOWS : PASSED_ON) {
    const listener = (): void => {
      if (child === undefined) {
        if (ENDS.has(signal)) missed ??= signal;
        return;
      }
      // Passing Ctrl-C on as well would hit the child twice, and many tools take the second as "at once".
      if (!(FROM_TERMINAL.has(signal) && terminalSignalsChild())) child.kill(signal);
    };
    listeners.set(signal, listener);
    process.on(signal, listener);
  }
  return {
    get missed() {
      return missed;
    },
    sendTo(running) {
      child = running;
    },
    release() {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    },
  };
}

/** Runs a command with our standard streams and answers its exit code, or 128 + n for signal n. */
export function runChild(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  signals: HeldSignals,
): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    if (signals.missed !== undefined) return resolve(128 + os.signals[signals.missed]);
    const child = spawn(command, [...args], { stdio: 'inherit', env, shell: false, windowsHide: false });
    signals.sendTo(child);
    child.once('error', (error) => reject(spawnError(command, error)));
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? EXIT.failure) : 128 + os.signals[signal]));
  });
}

/** True when this process (and so its child) is in the foreground of a terminal, which then signals both itself. */
function terminalSignalsChild(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // After the command name in parentheses: state, ppid, pgrp, session, tty_nr, tpgid (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[5] !== undefined && fields[5] !== '-1' && fields[5] === fields[2];
  } catch {
    return process.stdin.isTTY === true || process.stdout.isTTY === true || process.stderr.isTTY === true;
  }
}

/** Throws the shell's own codes: 127 when there is no such command, 126 when it may not be executed. */
export function checkRunnable(command: string, env: Readonly<Record<string, string | undefined>>): void {
  if (process.platform === 'win32') return;
  const places = command.includes('/')
    ? [command]
    : (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder || '.', command));
  let there: string | undefined;
  for (const path of places) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    there ??= path;
    if (found.isDirectory()) continue;
    try {
      accessSync(path, constants.X_OK);
      return;
    } catch {
      // Another folder of PATH may have one that is.
    }
  }
  throw new NotRunnable(command, there);
}

function spawnError(command: string, error: Error): Error {
  const code = 'code' in error ? error.code : '';
  if (code === 'ENOENT') return new NotRunnable(command, undefined);
  if (code === 'EACCES' || code === 'ENOEXEC') return new NotRunnable(command, command);
  return error;
}
