import { startMoto, whyNoMoto } from '../test/support/moto.ts';
import { type BenchDaemon, makeHome, removeHome, startBenchDaemon } from './daemon.ts';
import { addLab, ask, connect, createKey, processorTime } from './lab.ts';
import { type BenchRow, median, report } from './report.ts';
import { startUpstream } from './upstream.ts';

// KMS requests a second at 8 connections, by one light client that signs each: through this door, of moto_server where it is installed, and of a Node server with one
// answer for everything; in brackets the processor time of the server for one request, which a busy machine changes least. Interleaved rounds; the median of each counts. Client and servers share the machine's cores.

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
  pid: number | undefined;
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

async function withKeys(
  { endpoint, pid }: { endpoint: string; pid: number | undefined },
  credentials: typeof FOREIGN,
): Promise<Server> {
  const wire = connect(endpoint, credentials, CONNECTIONS);
  const signing = { KeyUsage: 'SIGN_VERIFY' };
  const symmetric = await createKey(wire);
  const p256 = await createKey(wire, { KeySpec: 'ECC_NIST_P256', ...signing });
  const rsa = await createKey(wire, { KeySpec: 'RSA_2048', ...signing });
  const { CiphertextBlob } = await ask(wire, 'Encrypt', { KeyId: symmetric, Plaintext: MESSAGE });
  return { pid, wire, keys: { symmetric, p256, rsa, ciphertext: String(CiphertextBlob) } };
}

interface Measured {
  /** Requests a second. */
  rate: number;
  /** Processor time of the server's processes for one request, in µs. */
  cost: number;
}

/** One round; every request has to succeed. */
async function measure({ wire, keys, pid }: Server, { operation, input }: Case): Promise<Measured> {
  const fixed = input(keys);
  const before = await processorTime(pid);
  const started = performance.now();
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() - started < ROUND_MS) {
      await ask(wire, operation, fixed);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const rate = (done * 1000) / (performance.now() - started);
  return { rate, cost: (((await processorTime(pid)) - before) * 1000) / done };
}

function text({ rate, cost }: Measured): string {
  return `${rate.toFixed(0)}/s (${cost.toFixed(0)} µs)`;
}

function rows(one: Case, own: Measured, fixed: Measured, moto: Measured | undefined): BenchRow[] {
  const ours = text(own);
  const share = own.rate / fixed.rate;
  const wanted = one.operation === 'Encrypt' ? { target: `≥ ${SHARE_OF_FIXED} ×`, met: share >= SHARE_OF_FIXED } : {};
  const against: BenchRow[] = [
    {
      ...{ what: `${one.what}, against a fixed answer`, ours },
      ...{ peer: text(fixed), measured: `${share.toFixed(2)} ×`, ...wanted },
    },
  ];
  if (moto === undefined) return against;
  const times = own.rate / moto.rate;
  return [
    ...against,
    {
      ...{ what: `${one.what}, against moto_server`, ours, peer: text(moto) },
      ...{ measured: `${times.toFixed(1)} ×`, target: `≥ ${TIMES_MOTO} ×`, met: times >= TIMES_MOTO },
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
  const own = await withKeys(daemon, await addLab(daemon));
  const fixed = { pid: upstream.pid, wire: connect(upstream.url, FOREIGN, CONNECTIONS), keys: own.keys };
  const servers = [
    own,
    fixed,
    ...(moto === undefined ? [] : [await withKeys({ endpoint: moto.url, pid: moto.pid }, FOREIGN)]),
  ];
  const measured: BenchRow[] = [];
  // All of every server once before anything counts: what is measured first would otherwise be measured while compilers still work.
  for (const one of CASES) for (const server of servers) await measure(server, one);
  for (const one of CASES) {
    const rounds = servers.map((): Measured[] => []);
    for (let round = -1; round < ROUNDS; round++) {
      for (const [at, server] of servers.entries()) {
        const found = await measure(server, one);
        if (round >= 0) rounds[at]?.push(found);
      }
    }
    const [ours, answer, theirs] = rounds.map((of) => ({
      rate: median(of.map(({ rate }) => rate)),
      cost: median(of.map(({ cost }) => cost)),
    }));
    if (ours !== undefined && answer !== undefined) measured.push(...rows(one, ours, answer, theirs));
  }
  report(measured);
  for (const { wire } of servers) wire.close();
} finally {
  await daemon?.stop();
  moto?.stop();
  upstream.stop();
  await removeHome(home);
}
