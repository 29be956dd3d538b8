import { KeyholdError } from '../../../contract/errors.ts';
import { onNobodysBehalf } from '../../gates/touch-call.ts';
import { omitUndefined } from '../../omit-undefined.ts';
import { type SignInParts, settingsOf } from '../driver.ts';
import { withoutLogin } from '../end-login.ts';
import { keepLogin, openKept } from '../keep-login.ts';
import { signInRequired } from '../sign-in-required.ts';
import { withoutIdToken } from './oidc-driver.ts';
import { readIdToken } from './read-id-token.ts';

/** One that ends this soon is renewed first: a request takes its time to arrive. */
const LAST_MS = 60_000;

/** Id tokens of OpenID Connect providers: renewed once for all who want one. */
export class IdTokens {
  readonly #parts: SignInParts;
  readonly #flights = new Map<string, Promise<void>>();

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** Does it with an id token that AWS takes. Throws `SignInRequired` where only a person can get one, `Unreachable` and `Timeout`, and what `use` throws. */
  async with<T>(id: string, use: (idToken: Uint8Array) => Promise<T>): Promise<T> {
    const { session, ports } = this.#parts;
    const { login } = session.things.must('signIn', id);
    if (login === undefined || login.expiresAt - ports.clock.now() <= LAST_MS) await this.#renew(id);
    const now = session.things.must('signIn', id);
    if (now.login === undefined) throw signInRequired(now.name);
    const idToken = await openKept(session, now.login.access);
    try {
      return await use(idToken);
    } finally {
      idToken.fill(0);
    }
  }

  #renew(id: string): Promise<void> {
    const under = this.#flights.get(id);
    if (under !== undefined) return under;
    const flight = onNobodysBehalf(() => this.#renewOnce(id)).finally(() => this.#flights.delete(id));
    this.#flights.set(id, flight);
    return flight;
  }

  async #renewOnce(id: string): Promise<void> {
    const { session, ports, outside } = this.#parts;
    const value = session.things.must('signIn', id);
    const { login, name, ended } = value;
    const refresh = login?.refresh;
    if (login === undefined || refresh === undefined) {
      throw signInRequired(name, ended?.reason ?? (login === undefined ? undefined : 'The last sign-in has ended.'));
    }
    const { issuer, clientId } = settingsOf({ id, value }, 'oidc');
    const refreshToken = await openKept(session, refresh);
    try {
      const provider = await outside.oidc.discover(issuer);
      const made = await outside.oidc.token(provider, clientId, { type: 'refresh_token', refreshToken });
      try {
        if (made.idToken === undefined) throw withoutIdToken();
        // A renewal must not make it somebody else's.
        const expected = omitUndefined({ issuer, clientId, subject: login.subject });
        const { who, expiresAt } = readIdToken(made.idToken, expected, ports.clock.now());
        const { idToken: access, refreshToken: next } = made;
        const renewed = { access, expiresAt, who, ...(next === undefined ? {} : { refresh: next }) };
        await keepLogin(this.#parts, id, renewed, {
          actor: 'daemon',
          action: 'signIn.renew',
          wanted: (now) => now.login?.refresh?.id === refresh.id,
        });
      } finally {
        made.idToken?.fill(0);
        made.refreshToken?.fill(0);
      }
    } catch (error) {
      if (!isOver(error)) throw error;
      throw await this.#end(id, refresh.id);
    } finally {
      refreshToken.fill(0);
    }
  }

  async #end(id: string, refresh: string): Promise<KeyholdError> {
    const { session, ports } = this.#parts;
    const reason = 'The session at the identity provider has ended.';
    const name = await session.write(
      'daemon',
      (draft) => {
        const value = session.things.must('signIn', id);
        // A person may have signed in again while the old one was refused.
        if (value.login?.refresh?.id === refresh) {
          const { signedInAt } = value;
          const ended = { at: ports.clock.now(), reason };
          draft.put('signIn', id, omitUndefined({ ...withoutLogin(draft, value), signedInAt, ended }));
          draft.record('signIn.end', value.name, { decision: 'denied', reason });
        }
        return () => value.name;
      },
      ['signIn'],
    );
    return signInRequired(name, reason);
  }
}

/** What a provider answers to a login that only a person can replace. */
function isOver(error: unknown): boolean {
  const name = error instanceof KeyholdError ? error.details?.['name'] : undefined;
  return ['invalid_grant', 'invalid_client', 'unauthorized_client', 'access_denied'].includes(String(name));
}
