import { KeyholdError } from '../../../contract/errors.ts';
import type { Found } from '../../things.ts';
import { BROWSER_PATIENCE_MS, codeChallenge, codeIn, REDIRECT_PATH, secretText } from '../code-flow.ts';
import { type Login, type Redirect, type SignInDriver, type SignInParts, settingsOf } from '../driver.ts';
import { openKept } from '../keep-login.ts';
import { orAborted } from '../or-aborted.ts';
import { asClient } from './client-secret.ts';
import type { OidcProvider } from './oidc-providers.ts';
import { readIdToken } from './read-id-token.ts';

interface Asked {
  provider: OidcProvider;
  redirect: Redirect;
  /** base64url */
  verifier: Uint8Array;
  nonce: string;
}

/** An OpenID Connect provider: the authorization code flow with PKCE of a client, public or with a secret, whose browser comes back to a port of this computer (RFC 8252). */
export const oidcDriver: SignInDriver = {
  async begin(parts, signIn, flow, signal) {
    const { ports, outside } = parts;
    const { issuer, clientId, scopes } = settingsOf(signIn, 'oidc');
    if (flow === 'device') {
      throw new KeyholdError(
        'Unsupported',
        `Signing in to ${signIn.value.name} works with a browser of this computer only; leave the other flow out.`,
      );
    }
    const provider = await outside.oidc.discover(issuer);
    const [state, nonce] = [secretText(parts), secretText(parts)];
    const url = new URL(provider.authorizationEndpoint);
    const redirect = await outside.openRedirect({ path: REDIRECT_PATH, state });
    // Nothing can fail from here until somebody is there to wipe it.
    const verifier = Buffer.from(secretText(parts));
    const query = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirect.uri,
      scope: scopes.join(' '),
      state,
      nonce,
      code_challenge: codeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return {
      attempt: { flow, url: url.href, expiresAt: ports.clock.now() + BROWSER_PATIENCE_MS },
      done: exchange(parts, signIn, { provider, redirect, verifier, nonce }, signal),
    };
  },
  async logout({ session, outside }, signIn) {
    const { issuer } = settingsOf(signIn, 'oidc');
    const { name, login } = signIn.value;
    if (login?.refresh === undefined) throw goesOn(`${name} has given nothing that could be taken back`);
    const provider = await outside.oidc.discover(issuer);
    const { revocationEndpoint } = provider;
    if (revocationEndpoint === undefined) throw goesOn(`The provider of ${name} takes nothing back`);
    const refreshToken = await openKept(session, login.refresh);
    try {
      await asClient({ session }, signIn, (client) =>
        outside.oidc.revoke(provider, revocationEndpoint, client, refreshToken),
      );
    } finally {
      refreshToken.fill(0);
    }
  },
};

async function exchange(
  { ports, session, outside }: SignInParts,
  signIn: Found<'signIn'>,
  { provider, redirect, verifier, nonce }: Asked,
  signal: AbortSignal,
): Promise<Login> {
  const { issuer, clientId } = settingsOf(signIn, 'oidc');
  try {
    const query = await orAborted(signal, redirect.arrived);
    assertIssuer(query, issuer, signIn.value.name);
    const code = Buffer.from(codeIn(query, signIn.value.name));
    const grant = { type: 'authorization_code', code, redirectUri: redirect.uri, codeVerifier: verifier } as const;
    const { idToken, refreshToken } = await asClient({ session }, signIn, (client) =>
      outside.oidc.token(provider, client, grant),
    );
    try {
      if (idToken === undefined) throw withoutIdToken();
      const { who, subject, expiresAt } = readIdToken(idToken, { issuer, clientId, nonce }, ports.clock.now());
      return {
        access: idToken,
        expiresAt,
        who,
        subject,
        ...(refreshToken === undefined ? {} : { refresh: refreshToken }),
      };
    } catch (error) {
      idToken?.fill(0);
      refreshToken?.fill(0);
      throw error;
    }
  } finally {
    redirect.close();
    verifier.fill(0);
  }
}

/** A provider that names itself must be the one that was asked (RFC 9207). */
function assertIssuer(query: URLSearchParams, issuer: string, name: string): void {
  const named = query.get('iss');
  if (named === null || named === issuer) return;
  throw new KeyholdError('ServiceRefused', `Another provider answered the sign-in to ${name}. Sign in again.`, {
    name: 'invalid_issuer',
  });
}

function goesOn(why: string): KeyholdError {
  return new KeyholdError('Unsupported', `${why}, so its own session goes on. Sign out on its page too.`);
}

/** `details.name` of that. */
export const WITHOUT_ID_TOKEN = 'no_id_token';

export function withoutIdToken(): KeyholdError {
  return new KeyholdError(
    'ServiceRefused',
    'The provider gave no id token, which is what AWS wants. The scope openid has to be allowed for this client.',
    { name: WITHOUT_ID_TOKEN },
  );
}
