import { randomBytes } from 'node:crypto';
import { createHsmClient } from '../src/core/hsm/client.ts';
import type { Hsm, KmsSpec, ObjectRef, ObjectUsage, SigningAlgorithm } from '../src/core/hsm/protocol.ts';
import { createToken } from '../src/core/hsm/token.ts';
import { spawnHsmProcess } from '../src/daemon/hsm-fork.ts';
import { createTestVault, testTokenPorts } from '../test/support/hsm.ts';
import { type BenchRow, median, report } from './report.ts';
import { openSoftHsm, type SoftOperation } from './softhsm.ts';

// KMS operations a second: inside the HSM (a token called directly), across the process boundary (64 under way, as a busy daemon has them),
// and in SoftHSM2 by a C program where it is installed: a token object, one session, one thread. Interleaved rounds; the median counts.

const ROUNDS = 5;
const ROUND_MS = 300;
const UNDER_WAY = 64;
const PAYLOAD = new Uint8Array(randomBytes(256));
const AAD = new Uint8Array(64);

type Run = () => unknown;
interface Case {
  what: string;
  ours: (hsm: Hsm, key: ObjectRef) => Run;
  key: [KmsSpec, ...ObjectUsage[]];
  soft?: SoftOperation;
}

const signing = (what: string, spec: KmsSpec, algorithm: SigningAlgorithm, soft?: Case['soft']): Case => ({
  what,
  key: [spec, 'sign'],
  ours: (hsm, key) => () => hsm.call('kmsSign', { key, algorithm, messageType: 'RAW', message: PAYLOAD }),
  ...(soft === undefined ? {} : { soft }),
});

const CASES: readonly Case[] = [
  {
    what: 'encrypt 256 B, AES-256-GCM',
    key: ['AES_256', 'encrypt'],
    ours: (hsm, key) => () => hsm.call('kmsEncrypt', { key, aad: AAD, plaintext: PAYLOAD }),
    soft: 'encrypt',
  },
  {
    what: 'data key of 32 B',
    key: ['AES_256', 'encrypt'],
    ours: (hsm, key) => () => hsm.call('kmsGenerateDataKey', { key, aad: AAD, length: 32, reveal: true }),
  },
  {
    what: 'HMAC-SHA-256 of 256 B',
    key: ['HMAC_256', 'mac'],
    ours: (hsm, key) => () => hsm.call('kmsMac', { key, algorithm: 'HMAC_SHA_256', message: PAYLOAD }),
    soft: 'mac',
  },
  signing('sign ECDSA P-256', 'EC_P256', 'ECDSA_SHA_256', 'sign-p256'),
  signing('sign RSA-2048, PKCS #1', 'RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'sign-rsa2048'),
  signing('sign RSA-4096, PKCS #1', 'RSA_4096', 'RSASSA_PKCS1_V1_5_SHA_256', 'sign-rsa4096'),
  signing('sign RSA-2048, PSS', 'RSA_2048', 'RSASSA_PSS_SHA_256'),
  signing('sign ECDSA P-384', 'EC_P384', 'ECDSA_SHA_384'),
  signing('sign ECDSA secp256k1', 'EC_SECP256K1', 'ECDSA_SHA_256'),
  signing('sign Ed25519', 'ED25519', 'ED25519_SHA_512'),
  signing('sign ML-DSA-65', 'ML_DSA_65', 'ML_DSA_SHAKE_256'),
];

/** The token without its process: what the operations themselves cost. */
function insideToken(): Hsm {
  const token = createToken(testTokenPorts());
  // The token's own table has these types.
  return { call: async (op, input) => (await token.handle(op, input)) as never };
}

/** Runs a second, with so many under way at once. */
async function rate(run: Run, underWay: number): Promise<number> {
  const started = performance.now();
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - started < ROUND_MS) {
      await run();
      done++;
    }
  };
  await Promise.all(Array.from({ length: underWay }, worker));
  return (done * 1000) / (performance.now() - started);
}

function perSecond(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`;
}

async function prepared(hsm: Hsm, one: Case): Promise<Run> {
  const [spec, ...usage] = one.key;
  const id = randomBytes(16).toString('hex');
  const material = { id, spec, usage, label: '', createdAt: 1, materialContext: new Uint8Array() };
  const { blob } = await hsm.call('generateKmsMaterial', material);
  const key = { id, version: 1, blob };
  await one.ours(hsm, key)();
  // From now on the HSM has the object, and the client would not send the blob either.
  return one.ours(hsm, { id, version: 1 });
}

const channel = spawnHsmProcess();
const across = createHsmClient(channel);
const inside = insideToken();
const soft = await openSoftHsm();
if (typeof soft === 'string') console.log(`Nothing to compare with: ${soft}.`);
try {
  await createTestVault(across);
  await createTestVault(inside);
  const rows: BenchRow[] = [];
  for (const one of CASES) {
    const [direct, forked] = [await prepared(inside, one), await prepared(across, one)];
    const contenders: [() => Promise<number>, number[]][] = [
      [() => rate(direct, 4), []],
      [() => rate(forked, UNDER_WAY), []],
    ];
    const { soft: peer } = one;
    if (typeof soft !== 'string' && peer !== undefined) contenders.push([() => soft.rate(peer, ROUND_MS), []]);
    for (let round = -1; round < ROUNDS; round++) {
      for (const [run, rates] of contenders) {
        const measured = await run();
        if (round >= 0) rates.push(measured);
      }
    }
    const [within, over, theirs] = contenders.map(([, rates]) => median(rates));
    if (within === undefined || over === undefined) continue;
    rows.push({
      what: one.what,
      ours: `${perSecond(within)} inside, ${perSecond(over)} across`,
      ...(theirs === undefined
        ? {}
        : {
            peer: `${perSecond(theirs)} SoftHSM2`,
            measured: `${(within / theirs).toFixed(2)} × inside, ${(over / theirs).toFixed(2)} × across`,
          }),
    });
  }
  report(rows);
} finally {
  await across.kill();
  if (typeof soft !== 'string') await soft.close();
}
