import { statSync } from 'node:fs';
import { createKeyholdClient, type KeyholdClient } from '../client/client.ts';
import { wipe } from '../client/import/credential-values.ts';
import { normalizePassword } from '../client/password.ts';
import { KeyholdError } from '../contract/errors.ts';
import type { DaemonEvent } from '../contract/events.ts';
import type { Status } from '../contract/schemas.ts';
import { resolveHome } from '../daemon/home.ts';
import { type Connection, openConnection } from './connection.ts';
import { usageError } from './errors.ts';
import { type Paint, paint, wantsColor } from './output.ts';
import { readFile } from './read-file.ts';
import { print } from './standard-output.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Options every command takes. */
export interface CommonOptions {
  json?: boolean;
  start?: boolean;
  input?: boolean;
  home?: string;
  passwordStdin?: boolean;
  passwordFile?: string;
}

/** What a secret that is being chosen has to pass. */
export interface NewSecret {
  /** Asks for it a second time. */
  onceMore: string;
  /** Why it will not do, or null. Asked before it has to be typed again. */
  refuse(secret: Uint8Array): Promise<string | null>;
}

/** What a command has to work with. */
export interface Cli extends KeyholdClient {
  readonly json: boolean;
  readonly home: string;
  readonly paint: Paint;
  /** Terminal columns of standard output; undefined when it is no terminal. */
  readonly width: number | undefined;
  now(): number;
  configure(options: CommonOptions): void;
  /** Standard output: one JSON document with --json, else the text. */
  print(value: unknown, text: () => string): void;
  /** Standard error, for people only: nothing with --json. */
  note(text: string): void;
  /** The keyboard; null when nobody can be asked. */
  terminal(): Terminal | null;
  /** The same, or `InvalidInput` saying which option to use instead. */
  needTerminal(instead: string): Terminal;
  /** A password's bytes from --password-file, --password-stdin or a prompt. The caller wipes them. Throws `InvalidInput` where nobody can be asked again. */
  password(question: string, anew?: NewSecret): Promise<Uint8Array>;
  /** While `run` runs, passwords come from this file where one is given. */
  withPasswordFile<T>(path: string | undefined, run: () => Promise<T>): Promise<T>;
  /** True when passwords come from a file or a pipe, so that nobody is asked. */
  readonly passwordGiven: boolean;
  /** Unlocks when locked and somebody can be asked. */
  unlock(): Promise<void>;
  /** Hears what the daemon tells everybody; answers how to stop. */
  subscribe(listener: (event: DaemonEvent) => void): Promise<() => void>;
  /** The daemon's status without starting it or asking anything; null when it is not running. */
  statusIfRunning(): Promise<Status | null>;
  /** From now on neither a prompt nor a start: for cleaning up. */
  neverAsk(): void;
  close(): void;
}

export function createCli(): Cli {
  let options: CommonOptions = {};
  let connection: Promise<Connection> | undefined;
  let terminal: Terminal | null | undefined;
  const color = wantsColor(process.stdout.isTTY === true, process.env);

  const connect = (): Promise<Connection> => {
    connection ??= openConnection(cli.home).catch((error: unknown) => startOrFail(error));
    connection.catch(() => {
      connection = undefined;
    });
    return connection;
  };

  const startOrFail = async (error: unknown): Promise<Connection> => {
    if (!(error instanceof KeyholdError) || error.code !== 'Unreachable') throw error;
    if (options.start !== true && process.env['KEYHOLD_AUTOSTART'] !== '1') {
      const person = cli.terminal();
      if (person === null || !(await person.confirm('Keyhold is not running. Start it?', true))) throw error;
    }
    const { startDaemon } = await import('./start-daemon.ts');
    return startDaemon(cli.home);
  };

  const client = createKeyholdClient(async (method, params) => {
    const open = await connect();
    try {
      return await open.call(method, params);
    } catch (error) {
      if (error instanceof KeyholdError && error.code === 'Unreachable') connection = undefined;
      throw error;
    }
  });

  /** Runs a call; when the vault is locked and somebody can be asked, unlocks and runs it again, once. */
  const unlocked = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof KeyholdError) || error.code !== 'Locked') throw error;
      const found = error.details?.['found'] !== undefined;
      if (!cli.passwordGiven && cli.terminal() === null) {
        const message = found ? error.message : 'The vault is locked. Unlock it with "keyhold unlock".';
        throw new KeyholdError('Locked', message, error.details, { cause: error });
      }
      if (found) cli.note(error.message);
      await cli.unlock();
      return run();
    }
  };

  const cli: Cli = {
    get json() {
      return options.json === true;
    },
    get home() {
      return resolveHome();
    },
    get passwordGiven() {
      return options.passwordStdin === true || options.passwordFile !== undefined;
    },
    paint: paint(color),
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    now: () => Date.now(),
    configure(given) {
      options = given;
      if (given.home !== undefined) process.env['KEYHOLD_HOME'] = given.home;
      if (given.passwordStdin === true && given.passwordFile !== undefined) {
        throw usageError('Give --password-stdin or --password-file, not both.');
      }
    },
    call: (method, params) => unlocked(() => client.call(method, params)),
    callSealed: (method, build) => unlocked(() => client.callSealed(method, build)),
    async statusIfRunning() {
      connection ??= openConnection(cli.home);
      try {
        await connection;
      } catch (error) {
        connection = undefined;
        if (error instanceof KeyholdError && error.code === 'Unreachable') return null;
        throw error;
      }
      return client.call('status.get', {});
    },
    print(value, text) {
      print(options.json === true ? `${JSON.stringify(value, null, 2)}\n` : text());
    },
    note(text) {
      if (options.json !== true) process.stderr.write(`${text}\n`);
    },
    terminal() {
      if (options.input === false || (process.stderr.isTTY !== true && process.platform !== 'win32')) return null;
      if (terminal === undefined) terminal = openTerminal();
      return terminal;
    },
    needTerminal(instead) {
      const person = cli.terminal();
      if (person === null) throw usageError(`There is no terminal to ask at. ${instead}`);
      return person;
    },
    async password(question, anew) {
      const given = await readGivenPassword(cli, options);
      if (given === null) {
        return askPassword(cli.needTerminal('Use --password-stdin or --password-file.'), question, anew);
      }
      try {
        if (given.length === 0) throw usageError(EMPTY);
        const password = normalizePassword(given);
        const refusal = (await anew?.refuse(password)) ?? null;
        if (refusal === null) return password;
        wipe(password);
        throw usageError(refusal);
      } finally {
        wipe(given);
      }
    },
    async withPasswordFile(path, run) {
      if (path === undefined) return run();
      const before = options;
      const { passwordStdin: _, ...rest } = before;
      options = { ...rest, passwordFile: path };
      try {
        return await run();
      } finally {
        options = before;
      }
    },
    async unlock() {
      const { unlockVault } = await import('./security-keys/unlock.ts');
      await unlockVault(cli, client, {});
    },
    subscribe: async (listener) => (await connect()).subscribe(listener),
    neverAsk() {
      options = { ...(options.json === undefined ? {} : { json: options.json }), input: false };
      terminal?.close();
      terminal = undefined;
    },
    close() {
      terminal?.close();
      terminal = undefined;
      connection?.then(
        (open) => open.close(),
        () => {},
      );
      connection = undefined;
    },
  };
  return cli;
}

const EMPTY = 'The password is empty.';
const EMPTY_HERE = 'Nothing was typed. Ctrl-C gives up.';

/** From --password-file or --password-stdin; null when there is neither. */
async function readGivenPassword(cli: Cli, options: CommonOptions): Promise<Uint8Array | null> {
  if (options.passwordFile !== undefined) return readPasswordFile(cli, options.passwordFile);
  if (options.passwordStdin !== true) return null;
  const { nextStdinLine } = await import('./stdin-lines.ts');
  return nextStdinLine('the password');
}

/** Asks until there is an answer that will do, or Ctrl-C. */
async function askPassword(person: Terminal, question: string, anew: NewSecret | undefined): Promise<Uint8Array> {
  for (;;) {
    const password = await askOnce(person, question);
    const refusal = password.length === 0 ? EMPTY_HERE : ((await anew?.refuse(password)) ?? null);
    if (refusal === null && anew === undefined) return password;
    if (refusal === null && anew !== undefined) {
      const again = await askOnce(person, anew.onceMore);
      const same = password.length === again.length && password.every((byte, index) => byte === again[index]);
      wipe(again);
      if (same) return password;
    }
    wipe(password);
    person.say(`${refusal ?? 'The two were not the same. Try again.'}\n`);
  }
}

async function askOnce(person: Terminal, question: string): Promise<Uint8Array> {
  const typed = await person.askSecret(question);
  try {
    return normalizePassword(typed);
  } finally {
    wipe(typed);
  }
}

function readPasswordFile(cli: Cli, path: string): Uint8Array {
  const bytes = readFile(path);
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    cli.note(`Other users can read ${path}; chmod 600 it.`);
  }
  const newline = bytes.indexOf(0x0a);
  const end = newline === -1 ? bytes.length : newline;
  const line = Uint8Array.from(bytes.subarray(0, end > 0 && bytes[end - 1] === 0x0d ? end - 1 : end));
  bytes.fill(0);
  return line;
}
