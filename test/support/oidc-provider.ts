import { createHash, generateKeyPairSync, type JsonWebKey, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface OidcProviderStandIn {
  issuer: string;
  clientId: string;
  /** Requests to the token endpoint, their fields without the secret ones. */
  asked: { grant_type: string; outcome: string }[];
  /** Claims that the next tokens have besides or instead. */
  claims: Record<string, unknown>;
  /** The next refreshes answer so, with invalid_grant. */
  over: boolean;
  /** Refreshes give an id token. */
  renewsIdTokens: boolean;
  /** Whether it takes tokens back (RFC 7009). */
  revokes: boolean;
  /** Of a confidential client: without it, shown in this way and no other, nothing is given (RFC 6749 section 2.3.1). */
  secret: { way: 'basic' | 'post'; text: string } | undefined;
  /** Refresh tokens that are good. */
  refreshTokens: Set<string>;
  /** What refreshes give: a new refresh token each time, which ends the one before. */
  jwks(): Promise<{ keys: JsonWebKey[] }>;
  idToken(claims?: Record<string, unknown>): string;
  /** What a person's browser does with the address that it is given: signs in and follows the redirect. */
  browse(url: string): Promise<void>;
  close(): Promise<void>;
}

/** An OpenID Connect provider with one client, public unless it is given a secret: discovery, the code flow with PKCE (S256), id tokens in RS256, refresh tokens that rotate. */
export async function startOidcProvider(now: () => number, lasts = 3600): Promise<OidcProviderStandIn> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
  const codes = new Map<string, { challenge: string; redirectUri: string; nonce: string | null }>();
  const refreshTokens = new Set<string>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', provider.issuer);
    if (url.pathname === '/tenant/.well-known/openid-configuration') {
      send(response, 200, {
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        ...(provider.revokes ? { revocation_endpoint: `${provider.issuer}/revoke` } : {}),
        jwks_uri: `${provider.issuer}/keys`,
      });
    } else if (url.pathname === '/tenant/authorize') authorize(url.searchParams, response);
    else if (url.pathname === '/tenant/token' || url.pathname === '/tenant/revoke') {
      const form = new URLSearchParams(await bodyOf(request));
      const isKnown = isClient(request.headers.authorization, form);
      if (url.pathname === '/tenant/token') token(form, isKnown, response);
      else revoke(form, isKnown, response);
    } else response.writeHead(404).end();
  }

  function authorize(query: URLSearchParams, response: ServerResponse): void {
    const redirect = new URL(query.get('redirect_uri') ?? '');
    const wanted = { response_type: 'code', client_id: provider.clientId, code_challenge_method: 'S256' };
    for (const [name, value] of Object.entries(wanted)) {
      if (query.get(name) !== value) throw new Error(`${name} is ${query.get(name)}`);
    }
    if (!query.get('scope')?.split(' ').includes('openid')) throw new Error('no openid');
    const code = randomUUID();
    const challenge = query.get('code_challenge') ?? '';
    codes.set(code, { challenge, redirectUri: redirect.href, nonce: query.get('nonce') });
    redirect.searchParams.set('code', code);
    redirect.searchParams.set('state', query.get('state') ?? '');
    redirect.searchParams.set('iss', provider.issuer);
    response.writeHead(302, { location: redirect.href }).end();
  }

  /** One way of proving who it is, and not a second one besides. */
  function isClient(authorization: string | undefined, form: URLSearchParams): boolean {
    const { secret, clientId } = provider;
    const shown = form.get('client_secret');
    if (secret?.way === 'basic') {
      const pair = Buffer.from(/^Basic (\S+)$/.exec(authorization ?? '')?.[1] ?? '', 'base64').toString();
      const [id, password] = pair.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
      return id === clientId && password === secret.text && shown === null && form.get('client_id') === null;
    }
    if (authorization !== undefined || form.get('client_id') !== clientId) return false;
    return secret === undefined ? shown === null : shown === secret.text;
  }

  function token(form: URLSearchParams, isKnown: boolean, response: ServerResponse): void {
    const grant = form.get('grant_type') ?? '';
    const outcome = !isKnown ? 'invalid_client' : grant === 'authorization_code' ? redeem(form) : refresh(form);
    provider.asked.push({ grant_type: grant, outcome: typeof outcome === 'string' ? outcome : 'ok' });
    if (typeof outcome === 'string') {
      send(response, outcome === 'invalid_client' ? 401 : 400, {
        error: outcome,
        error_description: 'The stand-in says no.',
      });
      return;
    }
    const refreshToken = randomUUID();
    refreshTokens.add(refreshToken);
    send(response, 200, {
      access_token: 'for-own-pages',
      token_type: 'Bearer',
      expires_in: lasts,
      ...(grant === 'refresh_token' && !provider.renewsIdTokens ? {} : { id_token: provider.idToken(outcome) }),
      refresh_token: refreshToken,
    });
  }

  function revoke(form: URLSearchParams, isKnown: boolean, response: ServerResponse): void {
    if (!isKnown) {
      send(response, 401, { error: 'invalid_client' });
      return;
    }
    // One that is not known is no error (RFC 7009 section 2.2).
    refreshTokens.delete(form.get('token') ?? '');
    response.writeHead(200).end();
  }

  function redeem(form: URLSearchParams): string | Record<string, unknown> {
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const verifier = form.get('code_verifier') ?? '';
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (code?.challenge !== challenge || code.redirectUri !== form.get('redirect_uri')) return 'invalid_grant';
    return code.nonce === null ? {} : { nonce: code.nonce };
  }

  function refresh(form: URLSearchParams): string | Record<string, unknown> {
    const known = refreshTokens.delete(form.get('refresh_token') ?? '');
    return !known || provider.over ? 'invalid_grant' : {};
  }

  const provider: OidcProviderStandIn = {
    issuer: '',
    clientId: 'keyhold-desktop',
    asked: [],
    claims: {},
    over: false,
    renewsIdTokens: true,
    revokes: true,
    secret: undefined,
    refreshTokens,
    jwks: async () => ({ keys: [jwk] }),
    idToken(claims = {}) {
      const iat = Math.floor(now() / 1000);
      const standard = { iss: provider.issuer, sub: 'user-1', aud: provider.clientId, iat, exp: iat + lasts };
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const head = part({ alg: 'RS256', kid: 'one', typ: 'JWT' });
      const body = part({ ...standard, email: 'ada@example.com', ...claims, ...provider.claims });
      return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), privateKey).toString('base64url')}`;
    },
    async browse(url) {
      const page = await fetch(url, { redirect: 'manual' });
      const location = page.headers.get('location');
      if (location === null) throw new Error(`the provider answers ${page.status}: ${await page.text()}`);
      await (await fetch(location)).text();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  provider.issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/tenant`;
  return provider;
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of request) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString();
}
