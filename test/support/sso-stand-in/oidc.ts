import { createHash, randomBytes, randomInt } from 'node:crypto';
import { newSecret, SsoRefusal, type SsoReply, type SsoState } from './state.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const GRANTS = ['authorization_code', DEVICE_GRANT, 'refresh_token'];

type Fields = Readonly<Record<string, unknown>>;

/** RegisterClient, StartDeviceAuthorization and CreateToken, in the words of AWS's model (sso-oidc 2019-06-10) and RFC 8628. */
export function answerOidc(path: string, fields: Fields, url: string, state: SsoState): SsoReply | undefined {
  switch (path) {
    case '/client/register':
      return register(fields, state);
    case '/device_authorization':
      return startDevice(fields, url, state);
    case '/token':
      return createToken(fields, state);
    default:
      return undefined;
  }
}

function register(fields: Fields, state: SsoState): SsoReply {
  text(fields, 'clientName');
  if (fields['clientType'] !== 'public') throw refuse('InvalidClientMetadataException', 'invalid_client_metadata');
  const grantTypes = texts(fields['grantTypes']) ?? [DEVICE_GRANT, 'refresh_token'];
  if (grantTypes.some((one) => !GRANTS.includes(one))) {
    throw refuse('UnsupportedGrantTypeException', 'unsupported_grant_type');
  }
  const redirectUris = texts(fields['redirectUris']) ?? [];
  if (grantTypes.includes('authorization_code')) {
    const local = redirectUris.every((one) => one === 'http://127.0.0.1/oauth/callback');
    if (redirectUris.length === 0 || !local) throw refuse('InvalidRedirectUriException', 'invalid_redirect_uri');
    text(fields, 'issuerUrl');
  }
  const clientId = randomBytes(16).toString('base64url');
  const clientSecret = newSecret(state, 'eyJraWQiOiJrZXki.', 900);
  const expiresAt = state.now() + state.lives.client * 1000;
  const scopes = texts(fields['scopes']) ?? [];
  state.clients.set(clientId, { clientId, clientSecret, expiresAt, scopes, grantTypes, redirectUris });
  const issued = Math.floor(state.now() / 1000);
  return ok({ clientId, clientSecret, clientIdIssuedAt: issued, clientSecretExpiresAt: Math.floor(expiresAt / 1000) });
}

function startDevice(fields: Fields, url: string, state: SsoState): SsoReply {
  const client = clientOf(fields, state);
  if (!client.grantTypes.includes(DEVICE_GRANT)) throw refuse('UnauthorizedClientException', 'unauthorized_client');
  if (text(fields, 'startUrl') !== state.startUrl) throw refuse('InvalidRequestException', 'invalid_request');
  const letters = Array.from({ length: 8 }, () => 'BCDFGHJKLMNPQRSTVWXZ'[randomInt(20)]).join('');
  const userCode = `${letters.slice(0, 4)}-${letters.slice(4)}`;
  const deviceCode = newSecret(state, 'device-', 60);
  state.devices.set(deviceCode, {
    clientId: client.clientId,
    userCode,
    expiresAt: state.now() + state.lives.device * 1000,
    decided: undefined,
    polledAt: state.now(),
  });
  return ok({
    deviceCode,
    userCode,
    verificationUri: `${url}/device`,
    verificationUriComplete: `${url}/device?user_code=${userCode}`,
    expiresIn: state.lives.device,
    interval: state.lives.interval,
  });
}

function createToken(fields: Fields, state: SsoState): SsoReply {
  const client = clientOf(fields, state);
  const grantType = text(fields, 'grantType');
  if (!client.grantTypes.includes(grantType)) throw refuse('UnauthorizedClientException', 'unauthorized_client');
  switch (grantType) {
    case DEVICE_GRANT:
      return byDevice(text(fields, 'deviceCode'), client.clientId, state);
    case 'authorization_code':
      return byCode(fields, client.clientId, state);
    case 'refresh_token':
      return byRefresh(text(fields, 'refreshToken'), client.clientId, state);
    default:
      throw refuse('UnsupportedGrantTypeException', 'unsupported_grant_type');
  }
}

function byDevice(deviceCode: string, clientId: string, state: SsoState): SsoReply {
  const device = state.devices.get(deviceCode);
  if (device?.clientId !== clientId) throw refuse('InvalidGrantException', 'invalid_grant');
  if (device.expiresAt <= state.now()) throw refuse('ExpiredTokenException', 'expired_token');
  const early = state.now() - device.polledAt < state.lives.interval * 1000;
  device.polledAt = state.now();
  if (early) throw refuse('SlowDownException', 'slow_down');
  if (device.decided === 'denied') throw refuse('AccessDeniedException', 'access_denied');
  if (device.decided === undefined) throw refuse('AuthorizationPendingException', 'authorization_pending');
  state.devices.delete(deviceCode);
  return grant(clientId, state);
}

function byCode(fields: Fields, clientId: string, state: SsoState): SsoReply {
  const code = text(fields, 'code');
  const known = state.codes.get(code);
  state.codes.delete(code);
  const challenge = createHash('sha256').update(text(fields, 'codeVerifier')).digest('base64url');
  const fits =
    known?.clientId === clientId &&
    known.redirectUri === text(fields, 'redirectUri') &&
    known.challenge === challenge &&
    known.expiresAt > state.now();
  if (!fits) throw refuse('InvalidGrantException', 'invalid_grant');
  return grant(clientId, state);
}

function byRefresh(refreshToken: string, clientId: string, state: SsoState): SsoReply {
  const known = state.refreshTokens.get(refreshToken);
  const alive = known !== undefined && !known.session.ended && known.session.endsAt > state.now();
  if (!alive || known.clientId !== clientId) throw refuse('InvalidGrantException', 'invalid_grant');
  // One use each, as AWS has had it since it rotates them.
  state.refreshTokens.delete(refreshToken);
  return tokensOf(clientId, known.session, state);
}

function grant(clientId: string, state: SsoState): SsoReply {
  const session = { endsAt: state.now() + state.lives.session * 1000, ended: false };
  state.sessions.push(session);
  return tokensOf(clientId, session, state);
}

function tokensOf(clientId: string, session: SsoState['sessions'][number], state: SsoState): SsoReply {
  const accessToken = newSecret(state, 'aoaAAAAA');
  state.tokens.set(accessToken, { clientId, expiresAt: state.now() + state.lives.token * 1000, session });
  const renews = state.clients.get(clientId)?.scopes.includes('sso:account:access') === true;
  const refreshToken = renews ? newSecret(state, 'aorAAAAA', 900) : undefined;
  if (refreshToken !== undefined) state.refreshTokens.set(refreshToken, { clientId, session });
  return ok({
    accessToken,
    tokenType: 'Bearer',
    expiresIn: state.lives.token,
    ...(refreshToken === undefined ? {} : { refreshToken }),
  });
}

function clientOf(fields: Fields, state: SsoState) {
  const client = state.clients.get(text(fields, 'clientId'));
  const known = client?.clientSecret === text(fields, 'clientSecret') && client.expiresAt > state.now();
  if (client === undefined || !known) throw refuse('InvalidClientException', 'invalid_client', 401);
  return client;
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw refuse('InvalidRequestException', 'invalid_request');
}

function texts(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw refuse('InvalidRequestException', 'invalid_request');
}

function ok(body: Record<string, unknown>): SsoReply {
  return { status: 200, body };
}

function refuse(errorType: string, error: string, status = 400): SsoRefusal {
  return new SsoRefusal({ status, errorType, body: { error, error_description: `${error} (stand-in)` } });
}
