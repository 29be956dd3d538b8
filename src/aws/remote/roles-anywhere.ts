import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';
import { TRUST_ANCHOR_ARN } from '../../contract/origins.ts';
import { AccessKeyId } from '../../contract/schemas.ts';
import { omitUndefined } from '../../core/omit-undefined.ts';
import type { StsCredentials } from '../../core/sessions/aws-sts.ts';
import type { AnywhereQuestion, RolesAnywhere } from '../../core/sessions/roles-anywhere.ts';
import { takeSecrets } from '../../core/sessions/take-secrets.ts';
import { sha256Hex } from '../../core/sigv4/hash.ts';
import { uriEncode } from '../../core/sigv4/uri-encode.ts';
import { prepareX509Signing } from '../../core/sigv4/x509/prepare-x509-signing.ts';
import type { Endpoint } from '../forward/resolve-endpoint.ts';
import { endpointOf } from './endpoint-of.ts';
import { jsonOf } from './json-of.ts';
import type { RemoteParts } from './query-remote.ts';
import { type RemoteAnswer, sendRemote } from './send-remote.ts';

const SERVICE = 'rolesanywhere';
const PATH = '/sessions';

const Answer = z.object({
  credentialSet: z
    .array(
      z.object({
        assumedRoleUser: z.object({ arn: z.string() }),
        credentials: z.object({ accessKeyId: AccessKeyId, expiration: z.iso.datetime({ offset: true }) }),
      }),
    )
    .min(1),
});
/** The one writes `message`, the other `Message`. */
const Refusal = z.object({ message: z.string().optional(), Message: z.string().optional() });

/** CreateSession of IAM Roles Anywhere (user guide, “CreateSession API”), signed with a certificate. */
export function createRolesAnywhere(parts: RemoteParts): RolesAnywhere {
  return {
    async createSession(question) {
      const region = TRUST_ANCHOR_ARN.exec(question.trustAnchorArn)?.[1] ?? '';
      const endpoint = endpointOf({ service: SERVICE, region, endpointUrl: question.endpointUrl });
      const answer = await ask(question, endpoint, parts);
      try {
        // A test server or another store may have a clock of its own.
        if (question.endpointUrl === undefined) parts.onDate(answer.date);
        return answer.status >= 200 && answer.status < 300 ? read(answer.bytes) : refuse(answer);
      } finally {
        answer.bytes.fill(0);
      }
    },
  };
}

async function ask(question: AnywhereQuestion, endpoint: Endpoint, parts: RemoteParts): Promise<RemoteAnswer> {
  const { identity, durationSeconds, roleSessionName } = question;
  const query = Object.entries({
    profileArn: question.profileArn,
    roleArn: question.roleArn,
    trustAnchorArn: question.trustAnchorArn,
  })
    .map(([name, value]) => `${name}=${uriEncode(value)}`)
    .join('&');
  const body = Buffer.from(JSON.stringify(omitUndefined({ durationSeconds, roleSessionName })));
  const prepared = prepareX509Signing(
    {
      method: 'POST',
      path: `${endpoint.pathPrefix}${PATH}`,
      query,
      headers: [
        ['Host', endpoint.host],
        ['Content-Type', 'application/json'],
      ],
    },
    {
      identity,
      region: endpoint.region,
      service: SERVICE,
      now: parts.clock.now(),
      payloadHash: sha256Hex(body),
    },
  );
  const signature = await question.sign(prepared.stringToSign);
  const headers = [...prepared.headers, ['Authorization', prepared.authorization(signature)] as const];
  const path = `${endpoint.pathPrefix}${PATH}?${query}`;
  return sendRemote(endpoint, { method: 'POST', path, headers: headers.flat(), body }, parts);
}

/** The secret parts as bytes of their own, which are the caller's to wipe. */
function read(bytes: Buffer): StsCredentials {
  const { rest, secrets } = takeSecrets(bytes, ['secretAccessKey', 'sessionToken']);
  const secret = secrets.get('secretAccessKey');
  const token = secrets.get('sessionToken');
  const [one] = Answer.safeParse(rest).data?.credentialSet ?? [];
  if (one === undefined || secret === undefined || token === undefined) {
    for (const taken of secrets.values()) taken.fill(0);
    throw new KeyholdError(
      'Unreachable',
      'What answered CreateSession is not IAM Roles Anywhere. Check the network, and the endpoint of the account.',
    );
  }
  const { credentials, assumedRoleUser } = one;
  const { accessKeyId, expiration } = credentials;
  return { accessKeyId, secret, token, expiresAt: Date.parse(expiration), arn: assumedRoleUser.arn };
}

function refuse({ status, errorType, bytes }: RemoteAnswer): never {
  const name = errorType?.replace(/[:#].*$/, '') ?? `HTTP ${status}`;
  const said = Refusal.safeParse(jsonOf(bytes)).data;
  const message = said?.message ?? said?.Message ?? `AWS answered CreateSession with ${status}.`;
  const help = helpFor(message);
  throw new KeyholdError(
    'ServiceRefused',
    `CreateSession: ${message.slice(0, 500)} (${name})${help === undefined ? '' : ` ${help}`}`,
    { name, status, service: SERVICE, action: 'CreateSession' },
  );
}

/** AWS says little: what its words mean is in the user guide’s chapter on troubleshooting, and in its helper’s issues. */
function helpFor(message: string): string | undefined {
  if (/untrusted/i.test(message)) {
    return 'The trust anchor does not know the CA of the certificate: compare them, and install the certificate together with those between it and its root.';
  }
  if (/roleSessionName/i.test(message)) {
    return 'The profile of Roles Anywhere takes no session name: take the session name off the profile here, or let that one accept one.';
  }
  if (/assume ?role/i.test(message)) {
    return 'The trust policy of the role has to let rolesanywhere.amazonaws.com do sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity.';
  }
  return undefined;
}
