import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { LoginFacts, ModuleFacts, TokenFacts } from '../hsm/pkcs11/protocol.ts';
import type { ObjectRef } from '../hsm/protocol.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { clusterIdOf } from './cluster-id.ts';
import { connectToken, logIn, type ModulePlace, notConnected, startToken, type TokenPlace } from './connect-token.ts';
import { DEADLINES } from './deadlines.ts';
import { type TokenBackend, tokenBackend } from './token-backend.ts';
import type { TokenClient } from './token-client.ts';
import { locked, PIN_REFUSED_BEFORE, type TokenConnection, TokenKeeper } from './token-keeper.ts';

/** The tokens of an unlocked vault, each with its keeper. */
export class Tokens {
  readonly #ports: Ports;
  readonly #session: Session;
  readonly #keepers = new Map<string, TokenKeeper>();
  /** Processes that live for one question. */
  readonly #loose = new Set<TokenClient>();
  #stopped = false;

  constructor(ports: Ports, session: Session) {
    this.#ports = ports;
    this.#session = session;
  }

  /** What the KMS works with; of a token by its record id. Throws `NotFound`. */
  async backend(id: string): Promise<TokenBackend> {
    return tokenBackend(id, await this.keeper(id));
  }

  /** The token that a CloudHSM cluster id stands for; undefined when it is none of ours. */
  async byClusterId(clusterId: string): Promise<Found<'hsmToken'> | undefined> {
    const things = await this.#session.need('hsmToken');
    return things.all('hsmToken').find(({ id }) => clusterIdOf(id) === clusterId);
  }

  /** Throws `NotFound`. */
  async keeper(id: string): Promise<TokenKeeper> {
    await this.#session.need('hsmToken');
    const known = this.#keepers.get(id);
    if (known !== undefined) return known;
    if (this.#stopped) throw locked();
    this.#record(id);
    const keeper = new TokenKeeper({
      ports: this.#ports,
      hsm: this.#session.hsm,
      access: () => {
        const { name, module, environment, label, serial, pin, nextPin } = this.#record(id);
        if (nextPin !== undefined) throw unsettled(name);
        return { name, module, environment, label, serial, pin: this.#session.objectRef(pin.id) };
      },
      pinRefusedBefore: () => this.#record(id).pinRefusedAt !== undefined,
      onPinRefused: (error) => this.#notePinRefused(id, error),
    });
    this.#keepers.set(id, keeper);
    return keeper;
  }

  /** How the token's connection is, without making one. */
  connection(id: string): TokenConnection {
    const keeper = this.#keepers.get(id);
    if (keeper !== undefined) return keeper.connection();
    return this.#record(id).pinRefusedAt === undefined
      ? { state: 'idle' }
      : { state: 'refused', message: PIN_REFUSED_BEFORE };
  }

  /** What a module says about itself and its tokens, without a PIN, in a process that lives only for that. */
  inspect(place: ModulePlace): Promise<{ module: ModuleFacts; tokens: TokenFacts[] }> {
    return this.#once(place, async (client) => {
      const module = await client.call('load', { module: place.module }, DEADLINES.connect);
      const { tokens } = await client.call('listTokens', {}, DEADLINES.connect);
      return { module, tokens };
    });
  }

  /** Logs in once, in a process that lives only for that. The PIN's object need not be in the vault yet. */
  loginOnce(place: TokenPlace, access: { pin: ObjectRef; finalTry: boolean }): Promise<LoginFacts> {
    const { hsm } = this.#session;
    return this.#once(place, async (client) => {
      const { facts } = await connectToken({ client, hsm, deadlines: DEADLINES }, place, access);
      return facts;
    });
  }

  /** Logs in once with this PIN instead of the one that the vault keeps, also when that was refused before. Throws `TokenPinRefused` when it is not the right one. */
  async tryPin(id: string, access: { pin: ObjectRef; finalTry: boolean }): Promise<LoginFacts> {
    await this.#session.need('hsmToken');
    return this.loginOnce(this.#record(id), access);
  }

  /** Logs in once, in a process that lives only for that, after `admit` has seen which tokens are there: none of them has been asked about a PIN by then. */
  loginAfter(place: TokenPlace, pin: ObjectRef, admit: (tokens: TokenFacts[]) => Promise<void>): Promise<LoginFacts> {
    const { hsm } = this.#session;
    return this.#once(place, async (client) => {
      const { publicKey } = await client.call('replyKey', {}, DEADLINES.connect);
      await client.call('load', { module: place.module }, DEADLINES.connect);
      await admit((await client.call('listTokens', {}, DEADLINES.connect)).tokens);
      return logIn({ client, hsm, deadlines: DEADLINES }, place, { pin, finalTry: false }, publicKey);
    });
  }

  /**
   * Logs in with `current`, has `journal` written, and only then lets the token change its PIN to `next`; all of it in a process that lives only for that. `sent` says whether the token has been
   * asked when this fails.
   */
  async changePin(
    place: TokenPlace,
    pins: { current: ObjectRef; next: ObjectRef; finalTry: boolean },
    steps: { journal(): Promise<void>; sent(): void },
  ): Promise<void> {
    const { hsm } = this.#session;
    await this.#once(place, async (client) => {
      const { publicKey } = await client.call('replyKey', {}, DEADLINES.connect);
      await client.call('load', { module: place.module }, DEADLINES.connect);
      const access = { pin: pins.current, finalTry: pins.finalTry };
      await logIn({ client, hsm, deadlines: DEADLINES }, place, access, publicKey);
      await steps.journal();
      const current = await hsm.call('sealTokenPin', { key: pins.current, replyKey: publicKey });
      const next = await hsm.call('sealTokenPin', { key: pins.next, replyKey: publicKey });
      steps.sent();
      await client.call('setPin', { current: current.pin, next: next.pin }, DEADLINES.connect);
    });
  }

  async #once<T>(place: ModulePlace, ask: (client: TokenClient) => Promise<T>): Promise<T> {
    const client = startToken(this.#ports, place);
    this.#loose.add(client);
    try {
      return await ask(client);
    } finally {
      this.#loose.delete(client);
      await client.kill(notConnected());
    }
  }

  /** The token, or how to reach it, has changed: whoever asks for it next gets a keeper that starts anew. */
  async forget(id: string): Promise<void> {
    const keeper = this.#keepers.get(id);
    this.#keepers.delete(id);
    await keeper?.stop();
  }

  /** Every token process gets SIGKILL before this returns. */
  stop(): void {
    this.#stopped = true;
    const ended = [
      ...[...this.#keepers.values()].map((one) => one.stop()),
      ...[...this.#loose].map((one) => one.kill(locked())),
    ];
    this.#keepers.clear();
    Promise.all(ended).catch((error: unknown) => this.#ports.log.error('a token process', { error }));
  }

  #record(id: string): Found<'hsmToken'>['value'] {
    const value = this.#session.things.get('hsmToken', id);
    if (value !== undefined) return value;
    throw new KeyholdError('NotFound', 'This token is no longer in the vault.');
  }

  /** Written, so that no unlock or restart tries the wrong PIN again: a few tries lock a token for good. */
  #notePinRefused(id: string, error: KeyholdError): void {
    const { clock, log } = this.#ports;
    const written = this.#session.write(
      'daemon',
      (draft) => {
        const value = this.#record(id);
        draft.put('hsmToken', id, { ...value, pinRefusedAt: clock.now() });
        draft.record('token.pin-refused', value.name, { decision: 'denied', reason: error.message });
        return () => this.#session.notice('warning', `The token ${value.name}: ${error.message}`);
      },
      ['hsmToken'],
    );
    written.catch((failure: unknown) => log.error('a refused PIN could not be noted', { error: failure }));
  }
}

function unsettled(name: string): KeyholdError {
  return new KeyholdError(
    'TokenUnavailable',
    `The PIN of ${name} is being changed, and which one the token has is found out next. Try again in a moment; \`keyhold rotate pin ${quotedName(name)} --settle\` looks at once.`,
  );
}
