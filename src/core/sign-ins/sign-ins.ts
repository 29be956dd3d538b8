import { KeyholdError, toWireError } from '../../contract/errors.ts';
import type { SignIn, SignInAttempt, SignInFlow } from '../../contract/sign-ins.ts';
import type { Actor } from '../draft.ts';
import { onNobodysBehalf } from '../gates/touch-call.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Found } from '../things.ts';
import { instant } from '../views.ts';
import type { Begun, SignInParts } from './driver.ts';
import { DRIVERS } from './drivers.ts';
import { keepLogin } from './keep-login.ts';
import { IdTokens } from './oidc/id-tokens.ts';
import { orAborted } from './or-aborted.ts';
import { Assertions } from './saml/assertions.ts';
import { Tokens } from './sso/tokens.ts';
import { viewSignIn } from './view-sign-in.ts';

interface Attempt {
  id: string;
  signIn: string;
  view: SignInAttempt;
  controller: AbortController;
  /** Never rejects. */
  done: Promise<void>;
  running: boolean;
  deliver: Begun['deliver'];
  failure?: { at: number; error: KeyholdError };
}

/** Who is signing in while the vault is unlocked: one attempt a sign-in, which ends with the lock at the latest. */
export class SignIns {
  /** Access tokens of Identity Centers. */
  readonly tokens: Tokens;
  readonly idTokens: IdTokens;
  readonly assertions: Assertions;
  readonly parts: SignInParts;
  readonly #changed: () => void;
  /** The last one of each sign-in. */
  readonly #attempts = new Map<string, Attempt>();

  constructor(parts: SignInParts & { changed(): void }) {
    this.parts = parts;
    this.#changed = parts.changed;
    this.tokens = new Tokens(parts);
    this.idTokens = new IdTokens(parts);
    this.assertions = new Assertions(parts);
  }

  /** Takes the place of an attempt that is under way. Throws what the other side refuses to begin with. */
  async begin(actor: Actor, signIn: Found<'signIn'>, flow: SignInFlow): Promise<SignInAttempt> {
    const { session, ports } = this.parts;
    this.#giveUp(signIn.id, 'Signing in was begun anew.');
    const controller = new AbortController();
    const { type } = signIn.value.settings;
    const begun = await DRIVERS[type].begin(this.parts, signIn, flow, controller.signal);
    // Another one may have been begun, or the vault locked, while the other side was asked.
    this.#giveUp(signIn.id, 'Signing in was begun anew.');
    if (session.closed) controller.abort(new KeyholdError('Locked', 'The vault is locked. Unlock it and try again.'));
    const { expiresAt, ...rest } = begun.attempt;
    const view = { id: session.newId(), name: signIn.value.name, type, ...rest, expiresAt: instant(expiresAt) };
    const attempt: Attempt = {
      id: view.id,
      signIn: signIn.id,
      view,
      controller,
      done: Promise.resolve(),
      running: true,
      deliver: begun.deliver,
    };
    const late = new KeyholdError('Timeout', `Nobody signed in to ${signIn.value.name} in time. Try again.`);
    const timer = ports.clock.setTimer(Math.max(1, expiresAt - ports.clock.now()), () => controller.abort(late));
    attempt.done = onNobodysBehalf(() => this.#complete(actor, attempt, signIn, begun)).finally(() => {
      timer.cancel();
      attempt.running = false;
      if (!session.closed) this.#changed();
    });
    this.#attempts.set(signIn.id, attempt);
    this.#changed();
    return view;
  }

  /** Waits for the end of an attempt, and throws what it ended with. The caller's end does not end the attempt. */
  async finish(id: string, connection?: AbortSignal): Promise<Found<'signIn'>> {
    const attempt = this.#byId(id);
    await whileThere(connection, attempt.done);
    if (attempt.failure !== undefined) throw attempt.failure.error;
    const value = this.parts.session.things.get('signIn', attempt.signIn);
    if (value !== undefined) return { id: attempt.signIn, value };
    throw new KeyholdError('NotFound', `The sign-in ${attempt.view.name} has been removed.`);
  }

  /** Takes what the other side's page sends, where the browser cannot; answers the sign-in. Throws `InvalidInput` for what is of no use, and the attempt goes on. The bytes are its own. */
  async deliver(id: string, response: Uint8Array): Promise<Found<'signIn'>> {
    try {
      const attempt = this.#byId(id);
      if (!attempt.running) throw over();
      if (attempt.deliver === undefined) {
        throw new KeyholdError('InvalidInput', `Signing in to ${attempt.view.name} takes no SAML response.`);
      }
      // A copy, so that it is wiped here whatever becomes of the other one.
      await attempt.deliver(Uint8Array.from(response));
    } finally {
      response.fill(0);
    }
    return this.finish(id);
  }

  async cancel(id: string): Promise<boolean> {
    const attempt = [...this.#attempts.values()].find((one) => one.id === id && one.running);
    if (attempt === undefined) return false;
    attempt.controller.abort(new KeyholdError('Cancelled', 'Signing in was given up.'));
    await attempt.done;
    return true;
  }

  view(found: Found<'signIn'>): SignIn {
    const attempt = this.#attempts.get(found.id);
    return viewSignIn(
      this.parts.session.things,
      found,
      omitUndefined({
        attempt: attempt?.running === true ? attempt.view : undefined,
        failure: attempt?.failure,
        holdsAssertion: this.assertions.holds(found.id),
      }),
      this.parts.ports.clock.now(),
    );
  }

  /** What was known of it besides the record is of no use any more. */
  forget(id: string): void {
    this.#giveUp(id, 'The sign-in was changed or signed out meanwhile.');
    this.#attempts.delete(id);
    this.tokens.forget(id);
    this.assertions.forget(id);
  }

  stop(): void {
    this.assertions.stop();
    const locked = new KeyholdError(
      'Locked',
      'The vault was locked before anybody had signed in. Unlock it and try again.',
    );
    for (const { controller } of this.#attempts.values()) controller.abort(locked);
  }

  async #complete(actor: Actor, attempt: Attempt, signIn: Found<'signIn'>, { done }: Begun): Promise<void> {
    const { ports } = this.parts;
    const { signal } = attempt.controller;
    const settings = JSON.stringify(signIn.value.settings);
    try {
      const login = await done;
      if (login === null) return;
      await keepLogin(this.parts, signIn.id, login, {
        actor,
        action: 'signIn.login',
        wanted: (now) => !signal.aborted && JSON.stringify(now.settings) === settings,
      });
      this.tokens.forget(signIn.id);
    } catch (error) {
      const reason: unknown = signal.aborted ? signal.reason : error;
      if (!(reason instanceof KeyholdError)) ports.log.error('signing in failed', { error: reason });
      const known = reason instanceof KeyholdError ? reason : KeyholdError.fromWire(toWireError(reason));
      attempt.failure = { at: ports.clock.now(), error: known };
    }
  }

  #giveUp(signIn: string, why: string): void {
    this.#attempts.get(signIn)?.controller.abort(new KeyholdError('Cancelled', why));
  }

  #byId(id: string): Attempt {
    const attempt = [...this.#attempts.values()].find((one) => one.id === id);
    if (attempt !== undefined) return attempt;
    throw over();
  }
}

function over(): KeyholdError {
  return new KeyholdError('NotFound', 'This attempt to sign in is over. Begin anew.');
}

/** Waits for it, and throws `Cancelled` once the caller has gone. */
async function whileThere(connection: AbortSignal | undefined, work: Promise<void>): Promise<void> {
  try {
    await (connection === undefined ? work : orAborted(connection, work));
  } catch (error) {
    if (connection?.aborted !== true) throw error;
    throw new KeyholdError('Cancelled', 'The caller has gone.', undefined, { cause: error });
  }
}
