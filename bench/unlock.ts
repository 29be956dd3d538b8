import { cp } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchDaemon, makeHome, removeHome, startBenchDaemon } from './daemon.ts';
import { type BenchRow, median, report } from './report.ts';

// Unlocking a vault with 10,000 records against the same vault with none: both have the same slots, so Argon2id costs the same and the
// difference is what the records cost.

const RECORDS = 10_000;
const UNDER_WAY = 64;
const ROUNDS = 9;
const SETTLE_MS = 500;

async function fill({ client }: BenchDaemon): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < RECORDS) {
      const number = next++;
      await client.call('account.add', {
        name: `account ${number}`,
        accountId: String(100_000_000_000 + number),
        kind: 'remote',
        note: 'One of many accounts, with a note of ordinary length.',
      });
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, worker));
}

interface Times {
  /** Until `vault.unlock` was answered: the vault is verified and the door serves. */
  answered: number;
  /** Until then and the whole list of accounts was answered too: records are read when they are first needed. */
  listed: number;
}

async function unlockTimes(daemon: BenchDaemon): Promise<Times> {
  await daemon.client.call('vault.lock', {});
  // The fresh HSM process is up before the clock starts, as it is when a person comes back.
  await daemon.client.call('hsm.sealKey', {});
  await sleep(SETTLE_MS);
  const started = performance.now();
  await daemon.unlock();
  const answered = performance.now() - started;
  const { accounts } = await daemon.client.call('account.list', {});
  const listed = performance.now() - started;
  if (accounts.length !== 0 && accounts.length !== RECORDS)
    throw new Error(`Expected ${RECORDS} accounts, got ${accounts.length}.`);
  // What either daemon still does in the background must not fall into the other one's turn.
  await sleep(SETTLE_MS);
  return { answered, listed };
}

const [emptyHome, fullHome] = [await makeHome(), await makeHome()];
const running: BenchDaemon[] = [];
try {
  const first = await startBenchDaemon(emptyHome);
  await first.create();
  await first.stop();
  await cp(emptyHome, fullHome, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  const empty = await startBenchDaemon(emptyHome);
  const full = await startBenchDaemon(fullHome);
  running.push(empty, full);
  await empty.unlock();
  await full.unlock();
  await fill(full);
  const without: Times[] = [];
  const within: Times[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const [none, many] = [await unlockTimes(empty), await unlockTimes(full)];
    if (round < 0) continue;
    without.push(none);
    within.push(many);
  }
  const row = (what: string, own: number, peer: number): BenchRow => ({
    what,
    ours: `${own.toFixed(0)} ms`,
    peer: `${peer.toFixed(0)} ms with none`,
    measured: `${own < peer ? '−' : '+'}${Math.abs(own - peer).toFixed(0)} ms`,
  });
  const [own, peer] = [median(within.map((one) => one.answered)), median(without.map((one) => one.answered))];
  const records = RECORDS.toLocaleString('en');
  report([
    { ...row(`unlock with ${records} records`, own, peer), target: '< 100 ms', met: own - peer < 100 },
    row(
      `unlock and list all ${records}`,
      median(within.map((one) => one.listed)),
      median(without.map((one) => one.listed)),
    ),
  ]);
} finally {
  for (const daemon of running) await daemon.stop();
  await removeHome(emptyHome);
  await removeHome(fullHome);
}
