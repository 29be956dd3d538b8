import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyholdError, toWireError, type WireError } from '../contract/errors.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';

/** The person pressed Ctrl-C or Ctrl-D at a prompt. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** Ends the command with a code of its own; everything there is to say has been said. */
export class ExitWith extends Error {
  override readonly name = 'ExitWith';
  readonly code: number;
  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** The command of `exec` cannot be started. `exitCode` is what a shell would answer. */
export class NotRunnable extends KeyholdError {
  readonly exitCode: number;
  constructor(command: string, found: string | undefined) {
    if (found === undefined) super('NotFound', `There is no command "${command}".`);
    else
      super(
        'InvalidInput',
        `${found} cannot be executed. Give it the right to be (chmod +x), or name its interpreter.`,
      );
    this.exitCode = found === undefined ? EXIT.commandNotFound : EXIT.notExecutable;
  }
}

export function usageError(message: string, details?: Record<string, unknown>): KeyholdError {
  return new KeyholdError('InvalidInput', message, details);
}

/** An error as a program reads it, and the exit code that goes with it. */
export function describeError(error: unknown): { wire: WireError; exitCode: number } {
  if (error instanceof NotRunnable) return { wire: error.toWire(), exitCode: error.exitCode };
  if (error instanceof KeyholdError) {
    const wire = error.toWire();
    return { wire: { ...wire, message: withOptionNames(wire.message) }, exitCode: exitCodeOf(error.code) };
  }
  const system = systemError(error);
  if (system !== null) return { wire: system.toWire(), exitCode: exitCodeOf(system.code) };
  return { wire: toWireError(error), exitCode: EXIT.failure };
}

/** What the contract calls a parameter, as this program's options do. */
const OPTIONS: Readonly<Record<string, string>> = {
  accountId: '--id',
  endpointUrl: '--endpoint-url',
  expiresInSeconds: '--expires',
  key: '--key',
  limit: '--limit',
  note: '--note',
  region: '--region',
  service: '--service',
  tags: '--tag',
};

/** `expiresInSeconds: a client key lives at least a minute.` speaks of `--expires` here. */
function withOptionNames(message: string): string {
  return message
    .replaceAll(/(^|; )([a-z][A-Za-z]*)(?=(?:\.\w+)*: )/g, (whole, before: string, name: string) =>
      Object.hasOwn(OPTIONS, name) ? `${before}${OPTIONS[name] ?? name}` : whole,
    )
    .replaceAll(
      /(^|; )settings\.([a-z][A-Za-z]*)(?:\.\d+)?(?=: )/g,
      (_, before: string, name: string) => `${before}--${dashed(name)}`,
    );
}

/** `startUrl` as an option: `start-url`; of a list, one is given at a time. */
function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^scopes$/, 'scope');
}

/** What the operating system refused, as one sentence with the path in it. */
function systemError(error: unknown): KeyholdError | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'the file';
  switch (error.code) {
    case 'ENOENT': {
      const folder = dirname(path);
      return new KeyholdError('NotFound', `There is no ${existsSync(folder) ? path : `folder ${folder}`}.`);
    }
    case 'EACCES':
    case 'EPERM':
      return new KeyholdError('Unauthorized', `You may not read or write ${path}. Check its owner and mode.`);
    case 'EEXIST':
      return new KeyholdError('AlreadyExists', `${path} exists already.`);
    case 'EISDIR':
      return new KeyholdError('InvalidInput', `${path} is a folder; name a file.`);
    case 'ENOSPC':
      return new KeyholdError('DiskFull', `The disk is full, so ${path} could not be written.`);
    case 'ENAMETOOLONG':
      return new KeyholdError('InvalidInput', `${path} is too long a name for a file; choose a shorter one.`);
    case 'ENOTDIR':
      return new KeyholdError('InvalidInput', `${path} leads through a file as if it were a folder; name another.`);
    case 'EROFS':
      return new KeyholdError('InvalidInput', `${path} is on a read-only file system.`);
    default:
      // Node's own system errors say what was tried with which path, and nothing else.
      return 'syscall' in error ? new KeyholdError('Internal', `The system refused: ${error.message}.`) : null;
  }
}
