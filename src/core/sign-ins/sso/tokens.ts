import { KeyholdError } from '../../../contract/errors.ts';
import type { Found } from '../../things.ts';
import { type SignInParts, settingsOf } from '../driver.ts';
import { endLogin } from '../end-login.ts';
import { keepLogin, openKept } from '../keep-login.ts';
import { LAST_MS, Renewals } from '../renewals.ts';
import { signInRequired } from '../sign-in-required.ts';
import { isRenewable } from '../view-sign-in.ts';
import type { AwsSso, SsoPlace } from './aws-sso.ts';
import { loginOf } from './login-of.ts';
import { placeOf } from './place.ts';

/** One that ends this soon is renewed beside its use, and nobody waits for it. */
const AHEAD_MS = 10 * 60_000;
/** After a renewal ahead of time that did not come about. */
const QUIET_MS = 60_000;

/** What the token service answers to a login that only a person can replace. */
const OVER: ReadonlySet<unknown> = new Set([
  'invalid_grant',
  'expired_token',
  'access_denied',
  'invalid_client',
  'unauthorized_client',
]);

type Use<T> = (sso: AwsSso, place: SsoPlace, accessToken: string) => Promise<T>;

/** Access tokens of Identity Centers: renewed once for all who want one, ahead of their end while they are in use. */
export class Tokens {
  readonly #parts: SignInParts;
  readonly #renewals = new Renewals();
  readonly #quietFrom = new Map<string, number>();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Does it with an access token. Throws `SignInRequired` where only a person can get one, `Unreachable` and `Timeout`, and what `use` throws. */
  async with<T>(id: string, use: Use<T>): Promise<T> {
    const { session } = this.#parts;
    await session.need('signIn');
    const token = await this.#present(id);
    try {
      return await this.#use(token, use);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
    }
    // Ended on the other side before its time. Another caller may have renewed it meanwhile.
    const now = session.things.must('signIn', id);
    if (now.login !== undefined && now.login.access.id === token.value.login?.access.id) await this.#renew(id);
    const renewed = await this.#present(id);
    try {
      return await this.#use(renewed, use);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      const used = renewed.value.login?.access.id;
      const reason = 'The Identity Center does not take what it gave at the last sign-in any more.';
      const ended = await endLogin(this.#parts, id, reason, ({ access }) => access.id === used);
      throw ended ?? signInRequired(renewed.value.name, reason);
    }
  }

  /** Does it for the last time: with the token that there is, or with a new one where that has ended. Not at all where the other side says that the session is over. Throws why it could not be done. */
  async withLast(signIn: Found<'signIn'>, use: Use<void>): Promise<void> {
    const { session, ports } = this.#parts;
    const now = ports.clock.now();
    const { login, name } = signIn.value;
    if (login === undefined) return;
    if (login.expiresAt > now) return this.#use(signIn, use);
    if (!isRenewable(signIn.value, now)) {
      throw new KeyholdError(
        'Unsupported',
        `What ${name} gave at the sign-in has ended, and without it the Identity Center takes no sign-out. Sign out on its page too.`,
      );
    }
    try {
      await this.#renew(signIn.id);
    } catch (error) {
      if (error instanceof KeyholdError && error.code === 'SignInRequired') return;
      throw error;
    }
    await this.#use({ id: signIn.id, value: session.things.must('signIn', signIn.id) }, use);
  }

  /** It has another login now, or none. */
  forget(id: string): void {
    this.#quietFrom.delete(id);
  }

  /** The record with a token that is good for a request. */
  async #present(id: string): Promise<Found<'signIn'>> {
    const { session, ports } = this.#parts;
    const value = session.things.must('signIn', id);
    const left = (value.login?.expiresAt ?? 0) - ports.clock.now();
    if (left > LAST_MS) {
      if (left < AHEAD_MS && isRenewable(value, ports.clock.now())) this.#renewAhead(id);
      return { id, value };
    }
    await this.#renewals.inTime(id, left, () => this.#renewOnce(id));
    return { id, value: session.things.must('signIn', id) };
  }

  async #use<T>(signIn: Found<'signIn'>, use: Use<T>): Promise<T> {
    const { login, name } = signIn.value;
    if (login === undefined) throw signInRequired(name);
    const bytes = await openKept(this.#parts.session, login.access);
    try {
      // A header is text: this copy cannot be wiped, and ends with its token within the hour.
      const token = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      return await use(this.#parts.outside.sso, placeOf(settingsOf(signIn, 'sso')), token);
    } finally {
      bytes.fill(0);
    }
  }

  #renewAhead(id: string): void {
    const { ports } = this.#parts;
    const now = ports.clock.now();
    if (this.#renewals.isUnderWay(id) || now < (this.#quietFrom.get(id) ?? 0)) return;
    this.#quietFrom.set(id, now + QUIET_MS);
    this.#renew(id).catch((error: unknown) => {
      if (!(error instanceof KeyholdError && error.code === 'Locked')) {
        ports.log.warn('a sign-in could not be renewed ahead of its end', { error });
      }
    });
  }

  #renew(id: string): Promise<void> {
    return this.#renewals.run(id, () => this.#renewOnce(id));
  }

  async #renewOnce(id: string): Promise<void> {
    const { session, ports, outside } = this.#parts;
    const value = session.things.must('signIn', id);
    const { login, registration, name, ended } = value;
    if (!isRenewable(value, ports.clock.now()) || login?.refresh === undefined || registration === undefined) {
      throw signInRequired(name, ended?.reason ?? (login === undefined ? undefined : 'The last sign-in has ended.'));
    }
    const { refresh } = login;
    const refreshToken = await openKept(session, refresh);
    const clientSecret = await openKept(session, registration.secret);
    const asked = ports.clock.now();
    try {
      const tokens = await outside.sso.createToken(
        placeOf(settingsOf({ id, value }, 'sso')),
        { clientId: registration.clientId, clientSecret },
        { type: 'refresh_token', refreshToken },
      );
      await keepLogin(this.#parts, id, loginOf(tokens, asked), {
        actor: 'daemon',
        action: 'signIn.renew',
        wanted: (now) => now.login?.refresh?.id === refresh.id,
      });
    } catch (error) {
      if (!(error instanceof KeyholdError) || !OVER.has(error.details?.['name'])) throw error;
      const reason = 'The session at the Identity Center has ended.';
      const ended = await endLogin(this.#parts, id, reason, (now) => now.refresh?.id === refresh.id);
      if (ended !== undefined) throw ended;
    } finally {
      refreshToken.fill(0);
      clientSecret.fill(0);
    }
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof KeyholdError && error.details?.['name'] === 'UnauthorizedException';
}
