import { startMoto, whyNoMoto } from '../test/support/moto.ts';
import { type BenchDaemon, makeHome, removeHome, startBenchDaemon } from './daemon.ts';
import { addLab, ask, connect, createKey } from './lab.ts';
import { type BenchRow, median, report } from './report.ts';
import { startUpstream } from './upstream.ts';

// KMS requests a second at 8 connections, by one light client that signs each: through this door, of moto_server where it is installed, and of a Node server with one
// answer for everything. Interleaved rounds; the median of each counts. Client and servers share the machine's cores.

const CONNECTIONS = 8;
const ROUNDS = 7;
const ROUND_MS = Number(process.env['KEYHOLD_BENCH_ROUND_MS'] ?? 1000);
const TIMES_MOTO = 10;
const SHARE_OF_FIXED = 0.4;
const FOREIGN = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const MESSAGE = Buffer.alloc(256, 7).toString('base64');

interface Keys {
  symmetric: string;
  p256: string;
  rsa: string;
  ciphertext: string;
}

interface Server {
  wire: ReturnType<typeof connect>;
  keys: Keys;
}

interface Case {
  what: string;
  operation: string;
  input: (keys: Keys) => Record<string, unknown>;
}

const sign = (what: string, algorithm: string, key: 'p256' | 'rsa'): Case => ({
  what,
  operation: 'Sign',
  input: (keys) => ({ KeyId: keys[key], Message: MESSAGE, SigningAlgorithm: algorithm }),
});
const CASES: readonly Case[] = [
  {
    what: 'Encrypt 256 B',
    operation: 'Encrypt',
    input: ({ symmetric }) => ({ KeyId: symmetric, Plaintext: MESSAGE }),
  },
  { what: 'Decrypt', operation: 'Decrypt', input: ({ ciphertext }) => ({ CiphertextBlob: ciphertext }) },
  {
    what: 'GenerateDataKey',
    operation: 'GenerateDataKey',
    input: ({ symmetric }) => ({ KeyId: symmetric, KeySpec: 'AES_256' }),
  },
  sign('Sign, ECC_NIST_P256', 'ECDSA_SHA_256', 'p256'),
  sign('Sign, RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', 'rsa'),
];

async function withKeys(endpoint: string, credentials: typeof FOREIGN): Promise<Server> {
  const wire = connect(endpoint, credentials, CONNECTIONS);
  const signing = { KeyUsage: 'SIGN_VERIFY' };
  const symmetric = await createKey(wire);
  const p256 = await createKey(wire, { KeySpec: 'ECC_NIST_P256', ...signing });
  const rsa = await createKey(wire, { KeySpec: 'RSA_2048', ...signing });
  const { CiphertextBlob } = await ask(wire, 'Encrypt', { KeyId: symmetric, Plaintext: MESSAGE });
  return { wire, keys: { symmetric, p256, rsa, ciphertext: String(CiphertextBlob) } };
}

/** Requests a second; each has to succeed. */
async function rate({ wire, keys }: Server, { operation, input }: Case): Promise<number> {
  const fixed = input(keys);
  const started = performance.now();
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - started < ROUND_MS) {
      await ask(wire, operation, fixed);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return (done * 1000) / (performance.now() - started);
}

function rows(one: Case, own: number, fixed: number, moto: number | undefined): BenchRow[] {
  const ours = `${own.toFixed(0)}/s`;
  const share = own / fixed;
  const wanted = one.operation === 'Encrypt' ? { target: `≥ ${SHARE_OF_FIXED} ×`, met: share >= SHARE_OF_FIXED } : {};
  const against: BenchRow[] = [
    {
      ...{ what: `${one.what}, against a fixed answer`, ours },
      ...{ peer: `${fixed.toFixed(0)}/s`, measured: `${share.toFixed(2)} ×`, ...wanted },
    },
  ];
  if (moto === undefined) return against;
  return [
    ...against,
    {
      ...{ what: `${one.what}, against moto_server`, ours, peer: `${moto.toFixed(0)}/s` },
      ...{ measured: `${(own / moto).toFixed(1)} ×`, target: `≥ ${TIMES_MOTO} ×`, met: own / moto >= TIMES_MOTO },
    },
  ];
}

const home = await makeHome();
const upstream = await startUpstream();
const noMoto = whyNoMoto();
if (noMoto !== null) console.log(`Not compared with moto_server: ${noMoto}.`);
const moto = noMoto === null ? await startMoto() : undefined;
let daemon: BenchDaemon | undefined;
try {
  daemon = await startBenchDaemon(home);
  await daemon.create();
  const own = await withKeys(daemon.endpoint, await addLab(daemon));
  const fixed = { wire: connect(upstream.url, FOREIGN, CONNECTIONS), keys: own.keys };
  const servers = [own, fixed, ...(moto === undefined ? [] : [await withKeys(moto.url, FOREIGN)])];
  const measured: BenchRow[] = [];
  for (const one of CASES) {
    const rates = servers.map((): number[] => []);
    for (let round = -1; round < ROUNDS; round++) {
      for (const [at, server] of servers.entries()) {
        const found = await rate(server, one);
        if (round >= 0) rates[at]?.push(found);
      }
    }
    const [ours = Number.NaN, fixedRate = Number.NaN, motoRate] = rates.map(median);
    measured.push(...rows(one, ours, fixedRate, motoRate));
  }
  report(measured);
  for (const { wire } of servers) wire.close();
} finally {
  await daemon?.stop();
  moto?.stop();
  upstream.stop();
  await removeHome(home);
}
