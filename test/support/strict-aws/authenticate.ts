import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BadSignature, checkSignature, readSignature, type SignedBy, type UpstreamKey } from '../upstream-verify.ts';
import { isPending, type StrictKey, type StrictSession, type StrictState, type StrictUser } from './state.ts';
import { Refusal } from './xml.ts';

/** Who signed, once that is proven. */
export interface Caller {
  by: SignedBy;
  account: string;
  arn: string;
  userId: string;
  /** Undefined for a role. */
  user: StrictUser | undefined;
  session: StrictSession | undefined;
}

/** @throws Refusal as AWS refuses it */
export async function authenticate(
  request: IncomingMessage,
  body: Buffer,
  service: string,
  state: StrictState,
): Promise<Caller> {
  const by = signedBy(request);
  const found = credentialOf(by, request, state);
  await verify(request, by, found.key, body, state.now());
  if (by.service !== service) {
    throw new Refusal(403, 'SignatureDoesNotMatch', `Credential should be scoped to correct service: '${service}'. `);
  }
  const { session } = found;
  if (session !== undefined && session.expiresAt <= state.now()) {
    throw new Refusal(403, 'ExpiredToken', 'The security token included in the request is expired');
  }
  if (session?.role !== undefined) {
    const { role, sessionName, arn } = session.role;
    return { by, account: role.account, arn, userId: `${role.id}:${sessionName}`, user: undefined, session };
  }
  const user = state.users.get(found.userName);
  if (user === undefined) throw invalidToken();
  if (found.longTerm !== undefined) {
    found.longTerm.lastUsed = { at: state.now(), service, region: by.region };
  }
  return { by, account: state.account, arn: user.arn, userId: user.id, user, session };
}

function signedBy(request: IncomingMessage): SignedBy {
  try {
    return readSignature(request);
  } catch (error) {
    if (!(error instanceof BadSignature)) throw error;
    throw new Refusal(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
}

interface Found {
  key: UpstreamKey;
  userName: string;
  session: StrictSession | undefined;
  longTerm: StrictKey | undefined;
}

function credentialOf(by: SignedBy, request: IncomingMessage, state: StrictState): Found {
  const session = state.sessions.get(by.accessKeyId);
  if (session !== undefined) {
    const url = new URL(request.url ?? '/', 'http://strict');
    const token = request.headers['x-amz-security-token'] ?? url.searchParams.get('X-Amz-Security-Token');
    if (token !== session.sessionToken) throw invalidToken();
    return { key: session, userName: session.userName ?? '', session, longTerm: undefined };
  }
  const key = state.keys.get(by.accessKeyId);
  if (key === undefined || !isUsable(key, state.now())) throw invalidToken();
  const { accessKeyId, secretAccessKey, userName } = key;
  return { key: { accessKeyId, secretAccessKey }, userName, session: undefined, longTerm: key };
}

function isUsable(key: StrictKey, now: number): boolean {
  if (isPending(key.unusable, now)) return false;
  if (key.before !== undefined && isPending(key.before.until, now)) return key.before.status === 'Active';
  return !key.deleted && key.status === 'Active';
}

async function verify(
  request: IncomingMessage,
  by: SignedBy,
  key: UpstreamKey,
  body: Buffer,
  now: number,
): Promise<void> {
  if (by.date !== by.timestamp.slice(0, 8)) {
    const sentence = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${by.date}' != '${by.timestamp.slice(0, 8)}'.`;
    throw new Refusal(403, 'SignatureDoesNotMatch', sentence);
  }
  const payload = /^[0-9a-f]{64}$/.test(by.payload ?? '') ? by.payload : undefined;
  if (payload !== undefined && createHash('sha256').update(body).digest('hex') !== payload) throw mismatch();
  try {
    await checkSignature(request, by, key, body, now);
  } catch (error) {
    if (!(error instanceof BadSignature)) throw error;
    throw error.message === 'clock skew' ? skewed(by.timestamp, now) : mismatch();
  }
}

function skewed(timestamp: string, now: number): Refusal {
  const compact = (time: number): string => new Date(time).toISOString().replace(/\.\d+/, '').replace(/[-:]/g, '');
  const early = timestamp > compact(now);
  const [edge, sign] = early ? [now + 900_000, '+'] : [now - 900_000, '-'];
  const what = early ? 'Signature not yet current' : 'Signature expired';
  const side = early ? 'still later' : 'now earlier';
  return new Refusal(
    403,
    'SignatureDoesNotMatch',
    `${what}: ${timestamp} is ${side} than ${compact(edge)} (${compact(now)} ${sign} 15 min.)`,
  );
}

function mismatch(): Refusal {
  return new Refusal(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  );
}

export function invalidToken(): Refusal {
  return new Refusal(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.');
}
