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
  if (error instanceof KeyholdError) return { wire: error.toWire(), exitCode: exitCodeOf(error.code) };
  const system = systemError(error);
  if (system !== null) return { wire: system.toWire(), exitCode: exitCodeOf(system.code) };
  return { wire: toWireError(error), exitCode: EXIT.failure };
}

/** What the operating system refused, as one sentence with the path in it. */
function systemError(error: unknown): KeyholdError | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'the file';
  switch (error.code) {
    case 'ENOENT':
      return new KeyholdError('NotFound', `There is no ${path}.`);
    case 'EACCES':
    case 'EPERM':
      return new KeyholdError('Unauthorized', `You may not read or write ${path}. Check its owner and mode.`);
    case 'EEXIST':
      return new KeyholdError('AlreadyExists', `${path} exists already.`);
    case 'EISDIR':
      return new KeyholdError('InvalidInput', `${path} is a folder; name a file.`);
    case 'ENOSPC':
      return new KeyholdError('DiskFull', `The disk is full, so ${path} could not be written.`);
    case 'EROFS':
      return new KeyholdError('InvalidInput', `${path} is on a read-only file system.`);
    default:
      // Node's own system errors say what was tried with which path, and nothing else.
      return 'syscall' in error ? new KeyholdError('Internal', `The system refused: ${error.message}.`) : null;
  }
}
