import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';
import { takeSecrets } from '../../core/sessions/take-secrets.ts';
import type { AwsSso, SsoClient, SsoGrant, SsoPlace } from '../../core/sign-ins/sso/aws-sso.ts';
import { endpointOf } from './endpoint-of.ts';
import { jsonWith } from './json-body.ts';
import type { RemoteParts } from './query-remote.ts';
import { type RemoteRequest, sendRemote } from './send-remote.ts';

/** Signing names, by which the endpoints of both services are found. */
const OIDC = 'sso-oauth';
const PORTAL = 'awsssoportal';
/** Pages of a list; a portal that never ends is no portal. */
const MOST_PAGES = 500;
const PAGE = '100';

const Seconds = z.number().int().min(0);
const Registered = z.object({ clientId: z.string().min(1), clientSecretExpiresAt: Seconds });
const Device = z.object({
  userCode: z.string().min(1).max(128),
  verificationUri: z.string(),
  verificationUriComplete: z.string(),
  expiresIn: Seconds,
  interval: Seconds.optional(),
});
const Tokens = z.object({ expiresIn: Seconds });
const Accounts = z.object({
  accountList: z.array(
    z.object({ accountId: z.string(), accountName: z.string().nullish(), emailAddress: z.string().nullish() }),
  ),
  nextToken: z.string().nullish(),
});
const Roles = z.object({ roleList: z.array(z.object({ roleName: z.string() })), nextToken: z.string().nullish() });
const Credentials = z.object({
  roleCredentials: z.object({ accessKeyId: z.string().min(1), expiration: z.number() }),
});

/** RFC 6749 section 5.2's, and what AWS adds. */
const OAuthError = z.object({ error: z.string(), error_description: z.string().nullish() });
const PortalError = z.object({ message: z.string().nullish(), __type: z.string().nullish() });

const GRANT_TYPES = {
  authorization_code: 'authorization_code',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
  refresh_token: 'refresh_token',
} as const;

type JsonWithSecrets = ReturnType<typeof takeSecrets>;

interface Call {
  service: typeof OIDC | typeof PORTAL;
  action: string;
  method: RemoteRequest['method'];
  path: string;
  query?: Readonly<Record<string, string>>;
  bearer?: string;
  body?: Buffer;
  secrets?: readonly string[];
}

/** The token service and the portal of AWS IAM Identity Center (SSO OIDC API, Identity Center Portal API). Neither is signed: what counts is the client's secret, and the token. */
export function createAwsSso(parts: RemoteParts): AwsSso {
  const call = (place: SsoPlace, what: Call) => ask(place, what, parts);
  const oidc = (place: SsoPlace, action: string, path: string, body: Buffer, secrets: readonly string[]) =>
    call(place, { service: OIDC, action, method: 'POST', path, body, secrets });

  return {
    async registerClient(place, { clientName, scopes, redirect }) {
      const flow =
        redirect === undefined
          ? {}
          : {
              grantTypes: [GRANT_TYPES.authorization_code, GRANT_TYPES.refresh_token],
              redirectUris: [redirect.uri],
              issuerUrl: redirect.issuerUrl,
            };
      const body = jsonWith({ clientName, clientType: 'public', scopes, ...flow }, {});
      const answer = await oidc(place, 'RegisterClient', '/client/register', body, ['clientSecret']);
      const { clientId, clientSecretExpiresAt } = shape(answer, Registered, 'RegisterClient');
      const clientSecret = secretIn(answer, 'clientSecret', 'RegisterClient');
      return { clientId, clientSecret, expiresAt: clientSecretExpiresAt * 1000 };
    },

    authorizeUrl(place, { clientId, redirectUri, state, codeChallenge, scopes }) {
      const { protocol, host, pathPrefix } = endpointOf({ ...place, service: OIDC });
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        code_challenge_method: 'S256',
        code_challenge: codeChallenge,
        // AWS's spelling; RFC 6749 has `scope`.
        scopes: scopes.join(' '),
      });
      // Its page decodes a plus sign as what it is.
      return `${protocol}//${host}${pathPrefix}/authorize?${query.toString().replaceAll('+', '%20')}`;
    },

    async startDeviceAuthorization(place, { clientId, clientSecret }, startUrl) {
      const body = jsonWith({ clientId, startUrl }, { clientSecret });
      const answer = await oidc(place, 'StartDeviceAuthorization', '/device_authorization', body, ['deviceCode']);
      const { userCode, verificationUri, verificationUriComplete, expiresIn, interval } = shape(
        answer,
        Device,
        'StartDeviceAuthorization',
      );
      return {
        deviceCode: secretIn(answer, 'deviceCode', 'StartDeviceAuthorization'),
        userCode,
        verificationUri,
        verificationUriComplete,
        expiresInSeconds: expiresIn,
        // RFC 8628 section 3.2: five seconds where none is given.
        intervalSeconds: Math.max(1, interval ?? 5),
      };
    },

    async createToken(place, client, grant) {
      const secrets = ['accessToken', 'refreshToken', 'idToken'];
      const answer = await oidc(place, 'CreateToken', '/token', tokenRequest(client, grant), secrets);
      answer.secrets.get('idToken')?.fill(0);
      const { expiresIn } = shape(answer, Tokens, 'CreateToken');
      const accessToken = secretIn(answer, 'accessToken', 'CreateToken');
      const refreshToken = answer.secrets.get('refreshToken');
      const renews = refreshToken !== undefined && refreshToken.length > 0;
      return { accessToken, expiresInSeconds: expiresIn, ...(renews ? { refreshToken } : {}) };
    },

    async listAccounts(place, bearer) {
      const pages = await pagesOf(Accounts, (next) =>
        call(place, {
          ...portal('ListAccounts', '/assignment/accounts', bearer),
          query: { max_result: PAGE, ...next },
        }),
      );
      return pages.flatMap(({ accountList }) =>
        accountList.map((one) => ({
          accountId: one.accountId,
          name: one.accountName ?? one.accountId,
          email: one.emailAddress ?? '',
        })),
      );
    },

    async listAccountRoles(place, bearer, accountId) {
      const query = { account_id: accountId, max_result: PAGE };
      const pages = await pagesOf(Roles, (next) =>
        call(place, { ...portal('ListAccountRoles', '/assignment/roles', bearer), query: { ...query, ...next } }),
      );
      return pages.flatMap(({ roleList }) => roleList.map(({ roleName }) => roleName));
    },

    async roleCredentials(place, bearer, { accountId, roleName }) {
      const answer = await call(place, {
        ...portal('GetRoleCredentials', '/federation/credentials', bearer),
        query: { account_id: accountId, role_name: roleName },
        secrets: ['secretAccessKey', 'sessionToken'],
      });
      const { roleCredentials } = shape(answer, Credentials, 'GetRoleCredentials');
      return {
        accessKeyId: roleCredentials.accessKeyId,
        secret: secretIn(answer, 'secretAccessKey', 'GetRoleCredentials'),
        token: secretIn(answer, 'sessionToken', 'GetRoleCredentials'),
        expiresAt: roleCredentials.expiration,
      };
    },

    async logout(place, bearer) {
      await call(place, { ...portal('Logout', '/logout', bearer), method: 'POST', body: Buffer.alloc(0) });
    },
  };
}

function tokenRequest({ clientId, clientSecret }: SsoClient, grant: SsoGrant): Buffer {
  const grantType = GRANT_TYPES[grant.type];
  switch (grant.type) {
    case 'authorization_code': {
      const { redirectUri, code, codeVerifier } = grant;
      return jsonWith({ clientId, grantType, redirectUri }, { clientSecret, code, codeVerifier });
    }
    case 'device_code':
      return jsonWith({ clientId, grantType }, { clientSecret, deviceCode: grant.deviceCode });
    case 'refresh_token':
      return jsonWith({ clientId, grantType }, { clientSecret, refreshToken: grant.refreshToken });
  }
}

function portal(action: string, path: string, bearer: string): Call {
  return { service: PORTAL, action, method: 'GET', path, bearer };
}

async function pagesOf<T extends { nextToken?: string | null | undefined }>(
  schema: z.ZodType<T>,
  page: (next: Readonly<Record<string, string>>) => Promise<JsonWithSecrets>,
): Promise<T[]> {
  const pages: T[] = [];
  let next: Readonly<Record<string, string>> = {};
  while (pages.length < MOST_PAGES) {
    const answer = shape(await page(next), schema, 'a list');
    pages.push(answer);
    if (answer.nextToken === undefined || answer.nextToken === null || answer.nextToken === '') return pages;
    next = { next_token: answer.nextToken };
  }
  throw new KeyholdError('ServiceRefused', 'The Identity Center’s list has no end. Try again later.');
}

async function ask(place: SsoPlace, what: Call, parts: RemoteParts): Promise<JsonWithSecrets> {
  const { service, action, method, query, bearer, body, secrets = [] } = what;
  const endpoint = endpointOf({ ...place, service });
  const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
  const headers = [
    ...['Host', endpoint.host, 'Accept', 'application/json'],
    ...(body === undefined ? [] : ['Content-Type', 'application/json']),
    ...(bearer === undefined ? [] : ['x-amz-sso_bearer_token', bearer]),
  ];
  const request = { method, path: `${endpoint.pathPrefix}${what.path}${search}`, headers, ...(body && { body }) };
  try {
    const { status, date, errorType, bytes } = await sendRemote(endpoint, request, parts);
    // A test server may have a clock of its own.
    if (place.endpointUrl === undefined) parts.onDate(date);
    try {
      if (status < 200 || status >= 300) throw refusal(bytes, { action, service, status, errorType });
      return bytes.length === 0 ? { rest: {}, secrets: new Map() } : takeSecrets(bytes, secrets);
    } finally {
      bytes.fill(0);
    }
  } finally {
    body?.fill(0);
  }
}

function refusal(
  bytes: Buffer,
  {
    action,
    service,
    status,
    errorType,
  }: { action: string; service: string; status: number; errorType: string | undefined },
): KeyholdError {
  const { rest: plain } = takeSecrets(bytes, []);
  const oauth = OAuthError.safeParse(plain);
  const rest = PortalError.safeParse(plain);
  // `UnauthorizedException:http://…` in some answers.
  const typed = (errorType ?? rest.data?.__type ?? undefined)?.replace(/:.*$/s, '').replace(/^.*#/s, '');
  const name = oauth.data?.error ?? typed ?? `HTTP ${status}`;
  const said = oauth.data?.error_description ?? rest.data?.message ?? `AWS answered with ${status}.`;
  return new KeyholdError('ServiceRefused', `${action}: ${said.slice(0, 500)} (${name})`, {
    name,
    status,
    service,
    action,
  });
}

function shape<T>({ rest: plain, secrets }: JsonWithSecrets, schema: z.ZodType<T>, action: string): T {
  const parsed = schema.safeParse(plain);
  if (parsed.success) return parsed.data;
  for (const secret of secrets.values()) secret.fill(0);
  throw unknownForm(action);
}

function secretIn({ secrets }: JsonWithSecrets, name: string, action: string): Uint8Array {
  const secret = secrets.get(name);
  if (secret !== undefined && secret.length > 0) return secret;
  for (const one of secrets.values()) one.fill(0);
  throw unknownForm(action);
}

function unknownForm(action: string): KeyholdError {
  // What a network's sign-in page answers in AWS's place, for instance.
  return new KeyholdError(
    'Unreachable',
    `What answered ${action} is no Identity Center. Check the network, and the sign-in’s region.`,
  );
}
