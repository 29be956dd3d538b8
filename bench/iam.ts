import { evaluate, parsePolicy, requestContext } from '../src/core/iam/index.ts';
import {
  createRequestSigner,
  deriveSigningKey,
  EMPTY_SHA256,
  parseAuthorization,
  type SigV4Request,
  verifyRequest,
} from '../src/core/sigv4/index.ts';
import { median, report } from './report.ts';

// Deciding a request by an identity policy of 50 statements and a key policy, against verifying its signature, which every request
// pays for anyway. Interleaved rounds; the median counts.

const ACCOUNT = '111122223333';
const ROUNDS = 31;
const PER_ROUND = 4000;
const WARM_UP_ROUNDS = 3;

const statements = Array.from({ length: 50 }, (_, at) => ({
  Sid: `Statement${at}`,
  Effect: at % 10 === 9 ? 'Deny' : 'Allow',
  Action: [`s3:Get${at}*`, `sqs:Send${at}`, at % 5 === 0 ? 'kms:De*' : 'ec2:Describe*'],
  Resource: [`arn:aws:kms:*:${ACCOUNT}:key/${at}-*`, `arn:aws:s3:::bucket-${at}/\${aws:username}/*`],
  Condition: { StringEquals: { 'aws:PrincipalTag/team': ['blue', 'green'] }, Bool: { 'aws:SecureTransport': 'true' } },
}));
const use = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: `arn:aws:kms:*:${ACCOUNT}:key/*` };
const delegate = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' };
const document = (list: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: list });

const slots = {
  identity: [{ name: 'developer', policy: parsePolicy(document([...statements, use]), { kind: 'identity' }) }],
  resource: { name: 'key', policy: parsePolicy(document([delegate]), { kind: 'resource' }) },
  resourceMustAllow: true,
};
const principal = {
  type: 'user',
  partition: 'aws',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/Alice`,
} as const;

function decide(): string {
  const context = requestContext(principal, {
    'aws:PrincipalTag/team': 'blue',
    'aws:SecureTransport': 'true',
    'aws:SourceIp': '127.0.0.1',
  });
  const resource = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
  return evaluate({ principal, action: 'kms:Decrypt', resource, resourceAccount: ACCOUNT, context }, slots).kind;
}

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const SCOPE = { region: 'eu-central-1', service: 'kms' };
const START = Date.UTC(2026, 0, 15);
const signer = createRequestSigner({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, ...SCOPE });
const plain: SigV4Request = {
  method: 'POST',
  path: '/',
  query: '',
  headers: [['host', 'kms.eu-central-1.amazonaws.com']],
};
const signed: SigV4Request = {
  ...plain,
  headers: signer.sign(plain, { now: START, payloadHash: EMPTY_SHA256 }),
  charset: 'latin1',
};
const signingKey = deriveSigningKey(SECRET, { ...SCOPE, date: '20260115' });

function verify(): unknown {
  const authorization = parseAuthorization(signed);
  return verifyRequest(signed, { signingKey }, { now: START, authorization, bodyHash: EMPTY_SHA256 });
}

function round(run: () => unknown): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < PER_ROUND; i++) run();
  return Number(process.hrtime.bigint() - start) / 1000 / PER_ROUND;
}

if (decide() !== 'allowed') throw new Error('the policies were meant to allow the request');

const deciding: number[] = [];
const verifying: number[] = [];
for (let index = 0; index < WARM_UP_ROUNDS + ROUNDS; index++) {
  const times = [round(decide), round(verify)] as const;
  if (index < WARM_UP_ROUNDS) continue;
  deciding.push(times[0]);
  verifying.push(times[1]);
}
const ours = median(deciding);
const peer = median(verifying);
report([
  {
    what: 'decide a request by 50 statements and a key policy, against verifying its signature',
    ours: `${ours.toFixed(2)} µs`,
    peer: `${peer.toFixed(2)} µs`,
    measured: `${(ours / peer).toFixed(2)} ×`,
    target: '≤ 2 ×',
    met: ours <= 2 * peer,
  },
]);
