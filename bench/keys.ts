import { cp } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashRaw } from '@node-rs/argon2';
import { ARGON2_FLOOR } from '../src/core/crypto/kdf.ts';
import { type BenchDaemon, makeHome, PASSWORD, removeHome, startBenchDaemon } from './daemon.ts';
import { fillWithKeys } from './fill.ts';
import { addLab, ask, connect, createKey, inParallel, REGION, type Usage, usageOfTree } from './lab.ts';
import { type BenchRow, median, report } from './report.ts';

// A vault with 10,000 KMS keys: how long until one is of use after the password, and what all processes take then; beside the same vault with one key.

const KEYS = Number(process.env['KEYHOLD_BENCH_KEYS'] ?? 10_000);
const ROUNDS = 5;
const SETTLE_MS = 10_000;
const CONNECTIONS = 8;

interface Lab {
  home: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  keys: string[];
}

/** Two homes with the same slots: one with one key, one with many. */
async function prepare(emptyHome: string, fullHome: string): Promise<{ one: Lab; many: Lab }> {
  const daemon = await startBenchDaemon(emptyHome);
  await daemon.create();
  const credentials = await addLab(daemon);
  const wire = connect(daemon.endpoint, credentials, 1);
  const first = await createKey(wire);
  wire.close();
  await daemon.stop();
  await cp(emptyHome, fullHome, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  const keys = await fillWithKeys(fullHome, REGION, KEYS);
  return { one: { home: emptyHome, credentials, keys: [first] }, many: { home: fullHome, credentials, keys } };
}

/** Milliseconds from the password to the answer of the first Encrypt, in a daemon that has just been started. */
async function firstUse(daemon: BenchDaemon, { credentials, keys }: Lab): Promise<number> {
  const wire = connect(daemon.endpoint, credentials, 1);
  // The HSM process is up before the clock starts, as it is once a person has typed a password.
  await daemon.client.call('hsm.sealKey', {});
  await sleep(500);
  const started = performance.now();
  await daemon.unlock();
  await ask(wire, 'Encrypt', { KeyId: keys.at(-1), Plaintext: 'aGVsbG8=' });
  const time = performance.now() - started;
  wire.close();
  return time;
}

interface Times {
  time: number;
  settled: Usage[];
  /** Right after an Encrypt by each key. */
  busy: Usage[];
  used: Usage[];
}

async function round(lab: Lab): Promise<Times> {
  const daemon = await startBenchDaemon(lab.home);
  try {
    const time = await firstUse(daemon, lab);
    await sleep(SETTLE_MS);
    const settled = (await usageOfTree(daemon.pid)) ?? [];
    const wire = connect(daemon.endpoint, lab.credentials, CONNECTIONS);
    await inParallel(lab.keys.length, CONNECTIONS, async (n) => {
      await ask(wire, 'Encrypt', { KeyId: lab.keys[n], Plaintext: 'aGVsbG8=' });
    });
    wire.close();
    const busy = (await usageOfTree(daemon.pid)) ?? [];
    await sleep(SETTLE_MS);
    return { time, settled, busy, used: (await usageOfTree(daemon.pid)) ?? [] };
  } finally {
    await daemon.stop();
  }
}

/** What Argon2id takes here, at the cost that the vaults of this benchmark have. */
async function argon2idTime(): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const started = performance.now();
    await hashRaw(PASSWORD, {
      algorithm: 2,
      memoryCost: ARGON2_FLOOR.memoryKiB,
      timeCost: ARGON2_FLOOR.passes,
      parallelism: ARGON2_FLOOR.parallelism,
    });
    times.push(performance.now() - started);
  }
  return median(times);
}

function memoryRow(what: string, many: readonly Usage[][], one: readonly Usage[][], atRest = true): BenchRow {
  const sum = (values: readonly Usage[], of: 'rss' | 'pss'): number =>
    values.reduce((all, usage) => all + usage[of], 0);
  const middle = (rounds: readonly Usage[][], of: 'rss' | 'pss'): number =>
    median(rounds.map((round) => sum(round, of)));
  const apart = (many[0] ?? []).map((_, at) => median(many.map((round) => round[at]?.rss ?? Number.NaN)).toFixed(0));
  return {
    what,
    ours: `${middle(many, 'rss').toFixed(0)} MB RSS (${apart.join(' + ')}), ${middle(many, 'pss').toFixed(0)} MB PSS`,
    peer: `${middle(one, 'rss').toFixed(0)} MB RSS with one key`,
    measured: `${middle(many, 'rss').toFixed(0)} MB`,
    ...(atRest ? { target: '< 250 MB', met: middle(many, 'rss') < 250 } : {}),
  };
}

const homes = [await makeHome(), await makeHome()] as const;
try {
  const { one, many } = await prepare(...homes);
  const results = { one: [] as Times[], many: [] as Times[] };
  for (let n = 0; n < ROUNDS; n++) {
    results.one.push(await round(one));
    results.many.push(await round(many));
  }
  const argon = await argon2idTime();
  const [own, peer] = [median(results.many.map(({ time }) => time)), median(results.one.map(({ time }) => time))];
  const count = KEYS.toLocaleString('en');
  const rows: BenchRow[] = [
    {
      what: `from the password to the first Encrypt, ${count} KMS keys`,
      ours: `${own.toFixed(0)} ms, of which Argon2id ${argon.toFixed(0)} ms`,
      peer: `${peer.toFixed(0)} ms with one key`,
      measured: `${(own - argon).toFixed(0)} ms`,
      target: '< 1000 ms',
      met: own - argon < 1000,
    },
  ];
  if (results.many.every(({ settled }) => settled.length > 0)) {
    const of = (rounds: readonly Times[], which: 'settled' | 'busy' | 'used') => rounds.map((round) => round[which]);
    rows.push(
      memoryRow(`all processes, ${count} KMS keys, unlocked`, of(results.many, 'settled'), of(results.one, 'settled')),
      memoryRow(
        'the same right after an Encrypt by each key',
        of(results.many, 'busy'),
        of(results.one, 'busy'),
        false,
      ),
      memoryRow(`the same ${SETTLE_MS / 1000} s later`, of(results.many, 'used'), of(results.one, 'used')),
    );
  }
  report(rows);
} finally {
  for (const home of homes) await removeHome(home);
}
