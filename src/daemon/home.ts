import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { KeyholdError } from '../contract/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What differs by platform; tests pass their own. */
export interface Surroundings {
  env: Env;
  platform: NodeJS.Platform;
  homedir: string;
  tmpdir: string;
  uid: number;
}

export function surroundings(): Surroundings {
  return {
    env: process.env,
    platform: process.platform,
    homedir: homedir(),
    tmpdir: tmpdir(),
    uid: process.getuid?.() ?? 0,
  };
}

/** The folder that holds the vault: `KEYHOLD_HOME`, or the platform's data folder. */
export function resolveHome(at: Surroundings = surroundings()): string {
  const chosen = at.env['KEYHOLD_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (at.platform === 'darwin') return join(at.homedir, 'Library', 'Application Support', 'Keyhold');
  if (at.platform === 'win32') {
    return join(at.env['LOCALAPPDATA'] ?? join(at.homedir, 'AppData', 'Local'), 'Keyhold');
  }
  const data = at.env['XDG_DATA_HOME'];
  // The XDG base directory specification ignores relative paths.
  return join(data?.startsWith('/') ? data : join(at.homedir, '.local', 'share'), 'keyhold');
}

/** Makes the folder with mode 0700 and takes away what a looser one grants to others. Throws `InvalidInput`. */
export function prepareHome(home: string): void {
  makePrivateFolder(home, 'KEYHOLD_HOME');
}

/** Makes a folder with mode 0700, or takes away what it grants to others. Throws `InvalidInput`. */
export function makePrivateFolder(folder: string, what: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new KeyholdError('InvalidInput', `${what} ${folder} cannot be made: ${reason(cause)}`, undefined, { cause });
  }
  const found = statSync(folder);
  if (!found.isDirectory()) throw new KeyholdError('InvalidInput', `${what} ${folder} is not a folder.`);
  if (process.platform === 'win32') return;
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid) {
    throw new KeyholdError('InvalidInput', `${what} ${folder} belongs to another user; choose a folder of your own.`);
  }
  if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown reason';
}

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, with the terminating zero. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Inside the home folder: the socket's path where it had to be put elsewhere. */
const POINTER = 'control.path';

function tag(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 24);
}

/**
 * Where the daemon of this home folder listens. A path that is too long for a socket address is replaced by a short one, and
 * `<home>/control.path` says which.
 */
export function chooseSocketPath(home: string, at: Surroundings = surroundings()): string {
  if (at.platform === 'win32') return `\\\\.\\pipe\\keyhold-${tag(home.toLowerCase())}`;
  const pointer = join(home, POINTER);
  const direct = join(home, 'control.sock');
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES) {
    rmSync(pointer, { force: true });
    return direct;
  }
  const runtime = at.env['XDG_RUNTIME_DIR'];
  const folders = [
    ...(runtime?.startsWith('/') ? [join(runtime, 'keyhold')] : []),
    join(at.tmpdir, `keyhold-${at.uid}`),
    join('/tmp', `keyhold-${at.uid}`),
  ];
  const folder = folders.find(
    (one) => Buffer.byteLength(join(one, `${tag(home)}.sock`)) <= MAX_SOCKET_PATH_BYTES && usable(one),
  );
  if (folder === undefined) {
    throw new KeyholdError('InvalidInput', `The path ${home} is too long for a control socket; choose a shorter one.`);
  }
  const path = join(folder, `${tag(home)}.sock`);
  writeFileSync(pointer, path, { mode: 0o600 });
  return path;
}

function usable(folder: string): boolean {
  try {
    makePrivateFolder(folder, 'The socket folder');
    // Anybody may plant a link in a shared temporary folder.
    return lstatSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** Where a client finds the daemon of this home folder; null when none has ever said. */
export function findSocketPath(home: string, at: Surroundings = surroundings()): string | null {
  if (at.platform === 'win32') return chooseSocketPath(home, at);
  const direct = join(home, 'control.sock');
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES) return direct;
  try {
    return readFileSync(join(home, POINTER), 'utf8').trim();
  } catch {
    return null;
  }
}
