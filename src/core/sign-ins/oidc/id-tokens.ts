import { KeyholdError } from '../../../contract/errors.ts';
import { omitUndefined } from '../../omit-undefined.ts';
import { type SignInParts, settingsOf } from '../driver.ts';
import { endLogin } from '../end-login.ts';
import { keepLogin, keepRefresh, openKept } from '../keep-login.ts';
import { Renewals } from '../renewals.ts';
import { signInRequired } from '../sign-in-required.ts';
import { asClient, isClientNotTaken } from './client-secret.ts';
import { WITHOUT_ID_TOKEN, withoutIdToken } from './oidc-driver.ts';
import { type IdToken, readIdToken } from './read-id-token.ts';

/** What a provider answers to a login that only a person can replace. */
const OVER: ReadonlySet<unknown> = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client', 'access_denied']);

/** Id tokens of OpenID Connect providers: renewed once for all who want one. */
export class IdTokens {
  readonly #parts: SignInParts;
  readonly #renewals = new Renewals();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Does it with an id token that AWS takes. Throws `SignInRequired` where only a person can get one, `Unreachable` and `Timeout`, and what `use` throws. */
  async with<T>(id: string, use: (idToken: Uint8Array) => Promise<T>): Promise<T> {
    const { session, ports } = this.#parts;
    const { login } = session.things.must('signIn', id);
    const left = (login?.expiresAt ?? 0) - ports.clock.now();
    await this.#renewals.inTime(id, left, () => this.#renew(id));
    const now = session.things.must('signIn', id);
    if (now.login === undefined) throw signInRequired(now.name);
    const idToken = await openKept(session, now.login.access);
    try {
      return await use(idToken);
    } finally {
      idToken.fill(0);
    }
  }

  async #renew(id: string): Promise<void> {
    const { session, ports, outside } = this.#parts;
    const value = session.things.must('signIn', id);
    const { login, name, ended } = value;
    const refresh = login?.refresh;
    if (login === undefined || refresh === undefined) {
      throw signInRequired(name, ended?.reason ?? (login === undefined ? undefined : 'The last sign-in has ended.'));
    }
    const { issuer, clientId } = settingsOf({ id, value }, 'oidc');
    const isIt = (now: { refresh?: { id: string } | undefined }): boolean => now.refresh?.id === refresh.id;
    const refreshToken = await openKept(session, refresh);
    try {
      const provider = await outside.oidc.discover(issuer);
      const made = await asClient({ session }, { id, value }, (client) =>
        outside.oidc.token(provider, client, { type: 'refresh_token', refreshToken }),
      );
      const { idToken: access, refreshToken: next } = made;
      try {
        if (access === undefined) throw withoutIdToken();
        let read: IdToken;
        try {
          // A renewal must not make it somebody else's.
          const expected = omitUndefined({ issuer, clientId, subject: login.subject });
          read = readIdToken(access, expected, ports.clock.now());
        } catch (error) {
          // The refresh token before may have ended with its use, whatever came with the new one.
          if (next !== undefined) await keepRefresh(this.#parts, id, next, isIt);
          throw error;
        }
        const { who, expiresAt } = read;
        const renewed = { access, expiresAt, who, ...(next === undefined ? {} : { refresh: next }) };
        await keepLogin(this.#parts, id, renewed, {
          actor: 'daemon',
          action: 'signIn.renew',
          wanted: (now) => now.login?.refresh?.id === refresh.id,
        });
      } finally {
        access?.fill(0);
        next?.fill(0);
      }
    } catch (error) {
      // What is wrong then is the client's secret, which a person can replace, and the login is as good as before.
      const reason = value.clientSecret !== undefined && isClientNotTaken(error) ? undefined : overReason(error);
      if (reason === undefined) throw error;
      const ended = await endLogin(this.#parts, id, reason, isIt);
      if (ended !== undefined) throw ended;
    } finally {
      refreshToken.fill(0);
    }
  }
}

/** Why only a person can go on. */
function overReason(error: unknown): string | undefined {
  const name = error instanceof KeyholdError ? error.details?.['name'] : undefined;
  if (name === WITHOUT_ID_TOKEN)
    return 'The identity provider renews the sign-in without an id token, which is what AWS wants.';
  return OVER.has(name) ? 'The session at the identity provider has ended.' : undefined;
}
