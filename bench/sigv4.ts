import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import {
  createRequestSigner,
  deriveSigningKey,
  EMPTY_SHA256,
  formatAmzDate,
  type Header,
  parseAuthorization,
  type SigV4Request,
  verifyRequest,
} from '../src/core/sigv4/index.ts';
import { NodeSha256 } from '../test/core/sigv4/node-sha256.ts';
import { median, report } from './report.ts';

// SigV4 header signing of a small S3 GET in one process against aws4 and @smithy/signature-v4 (with node:crypto), in
// interleaved rounds; the median of the rounds counts. All three cache the derived key and are given the same headers;
// aws4 is even given its date, which the others format themselves.

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const HOST = 'bucket.s3.eu-central-1.amazonaws.com';
const PATH = '/folder/object-0001.txt';
const SERVICE = { region: 'eu-central-1', service: 's3' };
const ROUNDS = 31;
const PER_ROUND = 4000;
const WARM_UP_ROUNDS = 3;

// A new second for each signature, as on a busy day, so that nobody lives off a cached date.
const START = Date.UTC(2026, 0, 15);
let tick = 0;
const nextTime = (): number => START + (tick++ % 80_000) * 1000;

const request: SigV4Request = { method: 'GET', path: PATH, query: '', headers: [['host', HOST]] };
const ours = createRequestSigner({ ...CREDENTIALS, ...SERVICE });
const smithy = new SignatureV4({
  ...SERVICE,
  credentials: CREDENTIALS,
  sha256: NodeSha256,
  uriEscapePath: false,
  applyChecksum: true,
});

function signOurs(time: number): string {
  return ours.sign(request, { now: time, payloadHash: EMPTY_SHA256 }).at(-1)?.[1] ?? '';
}
function signAws4(time: number): string {
  const signed = aws4.sign(
    {
      method: 'GET',
      path: PATH,
      ...SERVICE,
      host: HOST,
      headers: { host: HOST, 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': formatAmzDate(time) },
    },
    CREDENTIALS,
  );
  return String(signed.headers?.['Authorization']);
}
async function signSmithy(time: number): Promise<string> {
  const signed = await smithy.sign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: HOST,
      path: PATH,
      query: {},
      headers: { host: HOST, 'x-amz-content-sha256': EMPTY_SHA256 },
    },
    { signingDate: new Date(time) },
  );
  return signed.headers['authorization'] ?? '';
}

const presignRequest: SigV4Request = { ...request, query: 'versionId=3' };
const signedHeaders: readonly Header[] = ours.sign(request, { now: START, payloadHash: EMPTY_SHA256 });
const signedRequest: SigV4Request = { ...request, headers: signedHeaders, charset: 'latin1' };
const signingKey = deriveSigningKey(CREDENTIALS.secretAccessKey, { ...SERVICE, date: '20260115' });

interface Contender {
  readonly name: string;
  readonly run: () => unknown;
  readonly asynchronous: boolean;
}
const CONTENDERS: readonly Contender[] = [
  { name: 'keyhold sign', run: () => signOurs(nextTime()), asynchronous: false },
  { name: 'aws4 sign', run: () => signAws4(nextTime()), asynchronous: false },
  { name: '@smithy sign', run: () => signSmithy(nextTime()), asynchronous: true },
  {
    name: 'keyhold presign',
    run: () => ours.presign(presignRequest, { now: nextTime(), expiresSeconds: 900 }),
    asynchronous: false,
  },
  {
    name: 'keyhold parse + verify',
    run: () => {
      const authorization = parseAuthorization(signedRequest);
      return verifyRequest(signedRequest, { signingKey }, { now: START, authorization });
    },
    asynchronous: false,
  },
];

/** Microseconds per call over one round. */
async function round({ run, asynchronous }: Contender): Promise<number> {
  const start = process.hrtime.bigint();
  if (asynchronous) for (let i = 0; i < PER_ROUND; i++) await run();
  else for (let i = 0; i < PER_ROUND; i++) run();
  return Number(process.hrtime.bigint() - start) / 1000 / PER_ROUND;
}

const signatures = [signOurs(START), signAws4(START), await signSmithy(START)].map(
  (authorization) => /Signature=([0-9a-f]{64})$/.exec(authorization)?.[1],
);
if (signatures.some((signature) => signature === undefined || signature !== signatures[0])) {
  throw new Error(`the signers disagree: ${signatures.join(' ')}`);
}

const samples = CONTENDERS.map((): number[] => []);
for (let index = 0; index < WARM_UP_ROUNDS + ROUNDS; index++) {
  for (const [at, contender] of CONTENDERS.entries()) {
    const time = await round(contender);
    if (index >= WARM_UP_ROUNDS) samples[at]?.push(time);
  }
}
const medians = samples.map(median);
const [own = Number.NaN, byAws4 = Number.NaN, bySmithy = Number.NaN] = medians;

console.log(`SigV4, small S3 GET, one process, Node ${process.version}: median of ${ROUNDS} rounds of ${PER_ROUND}\n`);
console.log(`${'what'.padEnd(24)}${'µs/call'.padStart(9)}${'calls/s'.padStart(11)}`);
for (const [at, { name }] of CONTENDERS.entries()) {
  const time = medians[at] ?? Number.NaN;
  console.log(
    `${name.padEnd(24)}${time.toFixed(2).padStart(9)}${Math.round(1e6 / time)
      .toLocaleString('en')
      .padStart(11)}`,
  );
}
report(
  [
    { name: 'aws4', time: byAws4, target: 1.5 },
    { name: '@smithy/signature-v4', time: bySmithy, target: 3 },
  ].map(({ name, time, target }) => ({
    what: `sign a small GET, against ${name}`,
    ours: `${own.toFixed(2)} µs`,
    peer: `${time.toFixed(2)} µs`,
    measured: `${(time / own).toFixed(2)} ×`,
    target: `≥ ${target} ×`,
    met: time / own >= target,
  })),
);
