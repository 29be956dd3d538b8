import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';
import { takeSecrets } from '../../core/sessions/take-secrets.ts';
import type { OidcClient, OidcGrant, OidcProviders } from '../../core/sign-ins/oidc/oidc-providers.ts';
import { formWith, percentEncoded } from './form-with-secrets.ts';
import { jsonOf } from './json-of.ts';
import type { RemoteParts } from './query-remote.ts';
import type { RemoteAnswer } from './send-remote.ts';
import { sendToUrl } from './send-to-url.ts';

const Discovered = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string().nullish(),
});
const OAuthError = z.object({ error: z.string(), error_description: z.string().nullish() });

/** OpenID Connect providers as their discovery documents describe them. */
export function createOidcProviders(parts: RemoteParts): OidcProviders {
  return {
    async discover(issuer) {
      const url = placeOf(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, issuer);
      const answer = await sendToUrl(url, { method: 'GET', headers: ['Accept', 'application/json'] }, parts);
      const found = Discovered.safeParse(jsonOf(answer.bytes));
      if (answer.status !== 200 || !found.success) {
        throw new KeyholdError(
          'Unreachable',
          `${url.host} answers with no discovery document of OpenID Connect. Check the sign-in’s issuer.`,
        );
      }
      // OpenID Connect Discovery 1.0, section 4.3: exactly the one that was asked.
      if (found.data.issuer !== issuer) {
        throw new KeyholdError(
          'ServiceRefused',
          `The provider calls itself ${found.data.issuer.slice(0, 200)}. Give the sign-in exactly this issuer, if it is the one that is meant.`,
          { name: 'invalid_issuer' },
        );
      }
      const { authorization_endpoint, token_endpoint, revocation_endpoint } = found.data;
      return {
        issuer,
        authorizationEndpoint: placeOf(authorization_endpoint, issuer).href,
        tokenEndpoint: placeOf(token_endpoint, issuer).href,
        // Looked at when it is used: signing in does not need it.
        ...(typeof revocation_endpoint === 'string' ? { revocationEndpoint: revocation_endpoint } : {}),
      };
    },

    async token(provider, client, grant) {
      const { plain, secrets } = formOf(grant);
      const { headers, body } = asClient(client, plain, secrets);
      try {
        const url = placeOf(provider.tokenEndpoint, provider.issuer);
        return tokensIn(await sendToUrl(url, { method: 'POST', headers, body }, parts), url.host);
      } finally {
        body.fill(0);
      }
    },

    async revoke({ issuer }, revocationEndpoint, client, refreshToken) {
      const { headers, body } = asClient(client, { token_type_hint: 'refresh_token' }, { token: refreshToken });
      try {
        const url = placeOf(revocationEndpoint, issuer);
        const { status, bytes } = await sendToUrl(url, { method: 'POST', headers, body }, parts);
        if (status !== 200) throw refusal({ status, said: jsonOf(bytes) }, url.host);
      } finally {
        body.fill(0);
      }
    },
  };
}

const FORM = ['Accept', 'application/json', 'Content-Type', 'application/x-www-form-urlencoded'];

type Secrets = Readonly<Record<string, Uint8Array>>;

function formOf(grant: OidcGrant): { plain: Readonly<Record<string, string>>; secrets: Secrets } {
  const type = { grant_type: grant.type };
  if (grant.type === 'refresh_token') return { plain: type, secrets: { refresh_token: grant.refreshToken } };
  const { redirectUri, code, codeVerifier } = grant;
  return { plain: { ...type, redirect_uri: redirectUri }, secrets: { code, code_verifier: codeVerifier } };
}

/** A request with who asks (RFC 6749 section 2.3.1); the body is to be wiped. One that shows its secret in a header is not named in the body as well. */
function asClient(
  { clientId, auth }: OidcClient,
  plain: Readonly<Record<string, string>>,
  secrets: Secrets,
): { headers: string[]; body: Buffer } {
  if (auth?.method !== 'client_secret_basic') {
    const own: Secrets = auth === undefined ? {} : { client_secret: auth.secret };
    return { headers: FORM, body: formWith({ ...plain, client_id: clientId }, { ...secrets, ...own }) };
  }
  const parts = [Buffer.from(`${encodeURIComponent(clientId)}:`), percentEncoded(auth.secret)];
  const pair = Buffer.concat(parts);
  try {
    // A header is text: this copy cannot be wiped.
    return {
      headers: [...FORM, 'Authorization', `Basic ${pair.toString('base64')}`],
      body: formWith(plain, secrets),
    };
  } finally {
    for (const part of [...parts, pair]) part.fill(0);
  }
}

function tokensIn({ status, bytes }: RemoteAnswer, host: string) {
  const { rest, secrets } = takeSecrets(bytes, ['id_token', 'refresh_token', 'access_token']);
  bytes.fill(0);
  // It is for the provider's own pages.
  secrets.get('access_token')?.fill(0);
  const idToken = secrets.get('id_token');
  const refreshToken = secrets.get('refresh_token');
  if (status === 200 && rest !== undefined) {
    return {
      ...(idToken === undefined ? {} : { idToken }),
      ...(refreshToken === undefined ? {} : { refreshToken }),
    };
  }
  idToken?.fill(0);
  refreshToken?.fill(0);
  throw refusal({ status, said: rest }, host);
}

function refusal({ status, said }: { status: number; said: unknown }, host: string): KeyholdError {
  const known = OAuthError.safeParse(said);
  if (!known.success) {
    return new KeyholdError('Unreachable', `${host} answered with ${status} and not what was asked for. Try again.`);
  }
  const { error, error_description: more } = known.data;
  return new KeyholdError(
    'ServiceRefused',
    `The identity provider refuses it: ${(more ?? error).slice(0, 300)} (${error.slice(0, 64)})`,
    { name: error, status },
  );
}

/** Over https, or on this computer where the issuer itself is. */
function placeOf(address: string, issuer: string): URL {
  const url = URL.parse(address);
  const own = issuer.startsWith('http:') && url?.protocol === 'http:' && url.hostname === new URL(issuer).hostname;
  if (url !== null && (url.protocol === 'https:' || own) && url.username === '' && url.password === '') return url;
  throw new KeyholdError(
    'ServiceRefused',
    `The provider ${new URL(issuer).host} names an address that is not https. Check the sign-in’s issuer.`,
    { name: 'invalid_issuer' },
  );
}
