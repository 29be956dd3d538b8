import { type ErrorCode, KeyholdError } from '../../contract/errors.ts';
import type { LoginFacts, ModuleFacts, TokenInput, TokenOperation, TokenOutput } from '../hsm/pkcs11/protocol.ts';
import type { Hsm, ObjectRef } from '../hsm/protocol.ts';
import type { Ports } from '../ports.ts';
import { type Connection, connectToken, startToken, type TokenPlace } from './connect-token.ts';
import { DEADLINES, deadlineOf, type TokenDeadlines } from './deadlines.ts';
import { type TokenClient, unavailable } from './token-client.ts';

/** Where a token is and how to log in, as its record has it now. */
export interface TokenAccess extends TokenPlace {
  name: string;
  pin: ObjectRef;
}

/** `away`: it could not be reached, and is looked for again; `refused`: its PIN was, which only a person can mend. */
export type TokenConnection =
  | { state: 'idle' }
  | { state: 'connecting' }
  | { state: 'ready'; pid: number | undefined; module: ModuleFacts; facts: LoginFacts }
  | { state: 'away'; message: string; retryAfterSeconds: number }
  | { state: 'refused'; message: string };

export interface TokenKeeperParts {
  ports: Pick<Ports, 'clock' | 'log' | 'spawnToken'>;
  hsm: Hsm;
  /** Throws `NotFound` when the token is no longer in the vault. */
  access(): TokenAccess;
  /** The token refused its PIN earlier, perhaps before the last restart: it is not tried until a person says so. */
  pinRefusedBefore(): boolean;
  /** The token has just refused its PIN. */
  onPinRefused(error: KeyholdError): void;
  deadlines?: TokenDeadlines;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** What changes something in the token: after an answer that was lost, nobody knows whether it happened, so these are never repeated. */
const CHANGING: ReadonlySet<TokenOperation> = new Set<TokenOperation>(['generateKey', 'destroyKey', 'setPin']);

/**
 * Keeps one token connected while the vault is unlocked: starts its process when it is first needed, ends it when it hangs or has lost its token, and starts
 * another when it is needed again, at growing intervals while the token stays away. A PIN that the token refused is never tried again by itself: a few of those lock a token for good.
 */
export class TokenKeeper {
  readonly #parts: TokenKeeperParts;
  readonly #deadlines: TokenDeadlines;
  #connection: Connection | undefined;
  #connecting: Promise<Connection> | undefined;
  /** Of `#connecting`, so that it can be ended in the middle of that. */
  #starting: TokenClient | undefined;
  /** For the log. */
  #name = '';
  /** Since the last call that was answered. */
  #failures = 0;
  #away: { error: KeyholdError; retryAt: number } | undefined;
  #refused: KeyholdError | undefined;
  #stopped = false;
  /** Times that somebody disconnected it. */
  #disconnects = 0;

  constructor(parts: TokenKeeperParts) {
    this.#parts = parts;
    this.#deadlines = parts.deadlines ?? DEADLINES;
    if (parts.pinRefusedBefore()) this.#refused = new KeyholdError('TokenPinRefused', PIN_REFUSED_BEFORE);
  }

  connection(): TokenConnection {
    if (this.#connection !== undefined) {
      const { client, module, facts } = this.#connection;
      return { state: 'ready', pid: client.pid, module, facts };
    }
    if (this.#connecting !== undefined) return { state: 'connecting' };
    if (this.#refused !== undefined) return { state: 'refused', message: this.#refused.message };
    if (this.#away === undefined) return { state: 'idle' };
    return { state: 'away', message: this.#away.error.message, retryAfterSeconds: this.#waitSeconds() };
  }

  /** One call to the token, which is connected first where it is not. One that changes nothing is repeated once when its process ended under it without its own doing. */
  async call<O extends TokenOperation>(op: O, input: TokenInput<O>): Promise<TokenOutput<O>> {
    const connection = await this.#connected();
    const disconnects = this.#disconnects;
    try {
      return await this.#send(connection, op, input);
    } catch (error) {
      const meant = this.#stopped || disconnects !== this.#disconnects;
      if (!isCode(error, 'TokenUnavailable') || CHANGING.has(op) || meant) throw error;
      return this.#send(await this.#connected(), op, input);
    }
  }

  async #send<O extends TokenOperation>(connection: Connection, op: O, input: TokenInput<O>): Promise<TokenOutput<O>> {
    try {
      const output = await connection.client.call(op, input, deadlineOf(this.#deadlines, op));
      this.#failures = 0;
      return output;
    } catch (error) {
      if (isCode(error, 'TokenUnavailable') || connection.client.ended) this.#lost(connection, error);
      throw error;
    }
  }

  /** Looks for the token at once, however long it has been away, for clients and programs: a PIN that it refused is not tried again. */
  look(): Promise<Connection> {
    return this.#lookAtOnce(false);
  }

  /** The same for a person, who may have mended the PIN: it is tried, also where it was refused; with `finalTry` even when one more wrong PIN would lock the token. */
  connect({ finalTry = false }: { finalTry?: boolean } = {}): Promise<Connection> {
    this.#refused = undefined;
    return this.#lookAtOnce(finalTry);
  }

  async #lookAtOnce(finalTry: boolean): Promise<Connection> {
    this.#away = undefined;
    this.#failures = 0;
    return this.#connection ?? this.#connected(finalTry);
  }

  /** Ends the process, and what waits for it fails; the next call starts another. */
  async disconnect(): Promise<void> {
    this.#disconnects += 1;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.client.kill(unavailable('The token was disconnected. Try again.'));
  }

  /** For good: the vault is locked, or the token no longer belongs to it. Its process gets SIGKILL before this returns. */
  stop(): Promise<void> {
    this.#stopped = true;
    const client = this.#connection?.client ?? this.#starting;
    this.#connection = undefined;
    return client?.kill(locked()) ?? Promise.resolve();
  }

  #connected(finalTry = false): Promise<Connection> {
    if (this.#stopped) return Promise.reject(locked());
    if (this.#connection !== undefined) return Promise.resolve(this.#connection);
    if (this.#connecting !== undefined) return this.#connecting;
    if (this.#refused !== undefined) return Promise.reject(this.#refused);
    if (this.#away !== undefined && this.#waitSeconds() > 0) return Promise.reject(this.#stillAway(this.#away.error));
    this.#connecting = this.#start(finalTry).finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #start(finalTry: boolean): Promise<Connection> {
    const { ports, hsm } = this.#parts;
    const access = this.#parts.access();
    this.#name = access.name;
    const client = startToken(ports, access);
    this.#starting = client;
    let connection: Connection;
    try {
      connection = await connectToken({ client, hsm, deadlines: this.#deadlines }, access, {
        pin: access.pin,
        finalTry,
      });
    } catch (error) {
      throw this.#couldNotConnect(error);
    } finally {
      this.#starting = undefined;
    }
    if (this.#stopped) throw locked();
    this.#connection = connection;
    this.#away = undefined;
    connection.client.onEnd((error) => this.#lost(connection, error));
    return connection;
  }

  #couldNotConnect(error: unknown): unknown {
    if (!(error instanceof KeyholdError) || this.#stopped) return error;
    if (error.code === 'TokenPinRefused') {
      this.#refused = error;
      this.#parts.ports.log.warn('a token refused its PIN', { token: this.#name, ckr: error.details?.['ckr'] });
      this.#parts.onPinRefused(error);
    } else if (error.code !== 'Locked' && error.code !== 'HsmCrashed') {
      this.#setAway(error);
    }
    return error;
  }

  #lost(connection: Connection, error: unknown): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    const cause = error instanceof KeyholdError ? error : unavailable('The token is gone.');
    void connection.client.kill(cause);
    if (this.#stopped) return;
    this.#setAway(cause);
  }

  /** At once after the first failure, then after 1, 2, 4 … 30 s. */
  #setAway(error: KeyholdError): void {
    this.#failures += 1;
    const { clock, log } = this.#parts.ports;
    const wait = this.#failures === 1 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#failures - 2));
    this.#away = { error, retryAt: clock.monotonic() + wait };
    log.warn('a token cannot be reached', { token: this.#name, reason: error.message, waitMs: wait });
  }

  #waitSeconds(): number {
    if (this.#away === undefined) return 0;
    return Math.max(0, Math.ceil((this.#away.retryAt - this.#parts.ports.clock.monotonic()) / 1000));
  }

  #stillAway(error: KeyholdError): KeyholdError {
    const retryAfterSeconds = this.#waitSeconds();
    const again = `It is looked for again from ${retryAfterSeconds} s on; \`keyhold hsm token test\` looks at once.`;
    return unavailable(`${error.message} ${again}`, { ...error.details, retryAfterSeconds });
  }
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof KeyholdError && error.code === code;
}

export function locked(): KeyholdError {
  return new KeyholdError('Locked', 'The vault is locked. Unlock it and try again.');
}

export const PIN_REFUSED_BEFORE =
  'The token has refused its PIN before, so it is not tried again by itself. Enter the right one with `keyhold hsm token pin`, or try this one with `keyhold hsm token test`.';
