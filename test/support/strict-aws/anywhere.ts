import { createHash, verify, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { StrictRole, StrictState } from './state.ts';
import { newSession } from './sts.ts';
import { isoSeconds, Refusal } from './xml.ts';

/** What IAM Roles Anywhere has been told. */
export interface StrictAnywhere {
  anchors: Map<string, { pem: string; enabled: boolean }>;
  profiles: Map<
    string,
    { roleArns: string[]; acceptRoleSessionName: boolean; enabled: boolean; durationSeconds: number }
  >;
  /** Serial numbers (decimal) on the list of revoked certificates. */
  revoked: Set<string>;
}

export const noAnywhere = (): StrictAnywhere => ({ anchors: new Map(), profiles: new Map(), revoked: new Set() });

const SKEW_MS = 300_000;
const MOST_BETWEEN = 5;
const ALGORITHMS: Readonly<Record<string, string>> = { rsa: 'AWS4-X509-RSA-SHA256', ec: 'AWS4-X509-ECDSA-SHA256' };
const AUTHORIZATION =
  /^(AWS4-X509-(?:RSA|ECDSA)-SHA256) Credential=(\d+)\/(\d{8})\/([a-z0-9-]+)\/rolesanywhere\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]+)$/;

/**
 * CreateSession of IAM Roles Anywhere as strict as AWS: signature and clock, the chain up to the trust anchor, what the role, its trust policy (here: the service among its principals) and the
 * profile allow. Verified with node:crypto over a canonical request of its own.
 * @throws Refusal in AWS's words where they are known
 */
export function createSession(request: IncomingMessage, body: Buffer, state: StrictState): object {
  const url = new URL(request.url ?? '/', 'http://strict');
  const chain = certificatesOf(request);
  const leaf = chain[0];
  if (leaf === undefined) throw denied('Untrusted certificate. Insufficient certificate');
  const region = verifySignature(request, url, body, leaf, state.now());
  const asked = parametersOf(url, body);
  const arns = ['trustAnchorArn', 'profileArn'] as const;
  if (arns.some((name) => asked[name].split(':')[3] !== region)) throw denied('Region mismatch');
  const anchor = state.anywhere.anchors.get(asked.trustAnchorArn);
  if (anchor === undefined) throw new Refusal(404, 'ResourceNotFoundException', 'Trust Anchor not found');
  if (!anchor.enabled) throw denied('Trust Anchor is disabled');
  requireChain(chain, new X509Certificate(anchor.pem), state);
  const profile = state.anywhere.profiles.get(asked.profileArn);
  if (profile === undefined) throw new Refusal(404, 'ResourceNotFoundException', 'Profile not found');
  if (!profile.enabled) throw denied('Profile is disabled');
  const role = state.roles.get(asked.roleArn);
  if (!profile.roleArns.includes(asked.roleArn)) throw denied('Requested role is not in the profile');
  if (asked.roleSessionName !== undefined && !profile.acceptRoleSessionName) {
    throw denied('Not authorized to set roleSessionName.');
  }
  if (role === undefined || !role.principals.includes('rolesanywhere.amazonaws.com')) {
    throw denied(`Unable to assume role for ${asked.roleArn}`);
  }
  return answerOf(role, { ...asked, seconds: asked.durationSeconds ?? profile.durationSeconds, leaf }, state);
}

function answerOf(
  role: StrictRole,
  {
    seconds,
    leaf,
    roleSessionName,
    trustAnchorArn,
  }: ReturnType<typeof parametersOf> & { seconds: number; leaf: X509Certificate },
  state: StrictState,
): object {
  if (seconds < 900 || seconds > 43_200) throw invalid('durationSeconds must be between 900 and 43200');
  const sessionName = roleSessionName ?? leaf.serialNumber.toLowerCase();
  const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`;
  const commonName = /^CN=(.*)$/m.exec(leaf.subject)?.[1];
  const session = newSession(
    {
      seconds: Math.min(seconds, role.maxSessionSeconds),
      role: { role, sessionName, arn },
      sourceIdentity: commonName,
    },
    state,
  );
  return {
    credentialSet: [
      {
        assumedRoleUser: { arn, assumedRoleId: `${role.id}:${sessionName}` },
        credentials: {
          accessKeyId: session.accessKeyId,
          expiration: isoSeconds(session.expiresAt),
          secretAccessKey: session.secretAccessKey,
          sessionToken: session.sessionToken,
        },
        packedPolicySize: 0,
        roleArn: role.arn,
        sourceIdentity: commonName,
      },
    ],
    subjectArn: `${trustAnchorArn.replace(/trust-anchor\/.*$/, '')}subject/41c10bae-6783-40d4-ab20-65dc5d922e45`,
  };
}

function certificatesOf({ headers }: IncomingMessage): X509Certificate[] {
  const own = headers['x-amz-x509'];
  const above = headers['x-amz-x509-chain'];
  if (typeof own !== 'string') return [];
  const ders = [own, ...(typeof above === 'string' ? above.split(',') : [])];
  try {
    return ders.map((der) => new X509Certificate(Buffer.from(der, 'base64')));
  } catch {
    throw denied('Untrusted certificate. Insufficient certificate');
  }
}

/** Answers the region of the scope. */
function verifySignature(request: IncomingMessage, url: URL, body: Buffer, leaf: X509Certificate, now: number): string {
  const found = AUTHORIZATION.exec(request.headers.authorization ?? '');
  const date = request.headers['x-amz-date'];
  if (found === null || typeof date !== 'string') throw denied('Missing Authentication Token');
  const [, algorithm = '', serial = '', day = '', region = '', names = '', signature = ''] = found;
  const key = leaf.publicKey;
  if (ALGORITHMS[key.asymmetricKeyType ?? ''] !== algorithm) throw denied('Unsupported signature algorithm');
  if (BigInt(`0x${leaf.serialNumber}`).toString() !== serial) throw denied('Serial number mismatch');
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!date.startsWith(day) || Math.abs(at - now) > SKEW_MS) throw denied('Signature expired');
  const signed = names.split(';');
  const must = [
    'content-type',
    'host',
    'x-amz-date',
    'x-amz-x509',
    ...(request.headers['x-amz-x509-chain'] === undefined ? [] : ['x-amz-x509-chain']),
  ];
  if (must.some((name) => !signed.includes(name))) throw denied('A header is not signed');
  const encoded = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonical = [
    request.method,
    url.pathname,
    [...url.searchParams]
      .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
      .sort()
      .join('&'),
    ...signed.map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    names,
    createHash('sha256').update(body).digest('hex'),
  ].join('\n');
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const stringToSign = `${algorithm}\n${date}\n${day}/${region}/rolesanywhere/aws4_request\n${hashed}`;
  if (!verify('sha256', Buffer.from(stringToSign), key, Buffer.from(signature, 'hex'))) {
    throw denied('The request signature we calculated does not match the signature you provided.');
  }
  return region;
}

function requireChain(chain: readonly X509Certificate[], anchor: X509Certificate, state: StrictState): void {
  const [leaf] = chain;
  const untrusted = denied('Untrusted certificate. Insufficient certificate');
  if (leaf === undefined || leaf.ca || chain.length > MOST_BETWEEN + 1) throw untrusted;
  const path = [...chain, anchor];
  for (const [at, one] of path.entries()) {
    const from = one.validFromDate.getTime();
    if (state.now() < from || state.now() >= one.validToDate.getTime()) {
      throw denied('Untrusted certificate. Certificate is expired or not yet valid');
    }
    const issuer = path[at + 1];
    if (issuer !== undefined && (!issuer.ca || !one.checkIssued(issuer) || !one.verify(issuer.publicKey)))
      throw untrusted;
  }
  if (state.anywhere.revoked.has(BigInt(`0x${leaf.serialNumber}`).toString())) {
    throw denied('Certificate revoked');
  }
}

function parametersOf(url: URL, body: Buffer) {
  const given: unknown = JSON.parse(body.toString() || '{}');
  const fields =
    typeof given === 'object' && given !== null ? new Map<string, unknown>(Object.entries(given)) : new Map();
  const textOf = (name: string): string => {
    const value: unknown = url.searchParams.get(name) ?? fields.get(name);
    if (typeof value !== 'string') throw invalid(`${name} is required`);
    return value;
  };
  const seconds: unknown = fields.get('durationSeconds');
  const name: unknown = fields.get('roleSessionName');
  return {
    trustAnchorArn: textOf('trustAnchorArn'),
    profileArn: textOf('profileArn'),
    roleArn: textOf('roleArn'),
    durationSeconds: typeof seconds === 'number' ? seconds : undefined,
    roleSessionName: typeof name === 'string' ? name : undefined,
  };
}

const denied = (message: string): Refusal => new Refusal(403, 'AccessDeniedException', message);
const invalid = (message: string): Refusal => new Refusal(400, 'ValidationException', message);
