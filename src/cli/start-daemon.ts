import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyholdError } from '../contract/errors.ts';
import { type Connection, openConnection } from './connection.ts';

const PATIENCE_MS = 30_000;

/** How to run this CLI again: the launcher (or the source) that runs now. */
export function ownCommand(): [string, ...string[]] {
  const script = process.argv[1];
  if (script === undefined) throw new KeyholdError('Internal', 'The path of keyhold itself is unknown.');
  return [process.execPath, ...process.execArgv, script];
}

/** Starts `keyhold serve` in the background, with its output in `<home>/serve.log`, and waits until it answers. */
export async function startDaemon(home: string): Promise<Connection> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const logPath = join(home, 'serve.log');
  const log = openSync(logPath, 'a', 0o600);
  const before = statSync(logPath).size;
  const [program, ...script] = ownCommand();
  // For tests and measurements only, and only for the process it was meant for.
  const { KEYHOLD_KDF: _, ...environment } = process.env;
  const child = spawn(program, [...script, 'serve'], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
    cwd: home,
    env: { ...environment, KEYHOLD_HOME: home },
  });
  closeSync(log);
  let failed: string | undefined;
  child.once('error', (error) => {
    failed = error.message;
  });
  child.once('exit', (code, signal) => {
    failed = `it ended at once (${signal ?? `exit code ${code}`})`;
  });
  child.unref();

  const deadline = Date.now() + PATIENCE_MS;
  for (let pause = 15; Date.now() < deadline; pause = Math.min(pause * 1.5, 200)) {
    await sleep(pause);
    const connection = await openConnection(home).catch(() => null);
    // Another start may have won the race: then ours ended, and theirs answers.
    if (connection !== null && (await answers(connection))) return connection;
    if (failed !== undefined) break;
  }
  const last = lastLine(logPath, before);
  throw new KeyholdError(
    'Unreachable',
    `Keyhold could not be started: ${last ?? failed ?? 'it did not answer in time'}. The log is ${logPath}.`,
  );
}

async function answers(connection: Connection): Promise<boolean> {
  try {
    await connection.call('status.get', {});
    return true;
  } catch {
    connection.close();
    return false;
  }
}

/** The last line the failed start wrote, without its prefix and full stop. */
function lastLine(path: string, from: number): string | undefined {
  const size = statSync(path).size;
  if (size <= from) return undefined;
  const bytes = Buffer.alloc(Math.min(size - from, 8192));
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
  } finally {
    closeSync(file);
  }
  const line = bytes.toString('utf8').trimEnd().split('\n').at(-1)?.trim();
  return line?.replace(/^keyhold: /, '').replace(/\.$/, '') || undefined;
}
