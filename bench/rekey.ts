import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHsmClient } from '../src/core/hsm/client.ts';
import { createVaultFile } from '../src/core/vault/create.ts';
import { countOutdated, replaceRoot, resealNext, retireKeks, verifyRecords } from '../src/core/vault/rekey.ts';
import { slotInfo } from '../src/core/vault/slot-descriptor.ts';
import { openVault, type Vault } from '../src/core/vault/store.ts';
import { spawnHsmProcess } from '../src/daemon/hsm-fork.ts';
import { createTestVault, PASSWORD, sealFor } from '../test/support/hsm.ts';
import { auditEvent, fillVault } from '../test/support/vault.ts';
import { type BenchRow, median, report } from './report.ts';

// Sealing 50,000 records anew under new keys, with the HSM in its own process: batch by batch as the daemon does it. What counts is the time with the vault's file on a file system in
// memory, where nothing is waited for when it is flushed: the two processes work at the same time, so that their processor time, given beside it, says less.

const RECORDS = 50_000;
const AT_ONCE = 5_000;
const ROUNDS = 3;
const TARGET = 20_000;
/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

const MEMORY = '/dev/shm';
const inMemory = existsSync(MEMORY);
const folder = mkdtempSync(join(inMemory ? MEMORY : tmpdir(), 'keyhold-bench-'));
const hsm = createHsmClient(spawnHsmProcess());

async function newVault(): Promise<Vault> {
  const made = await createTestVault(hsm);
  const path = join(folder, 'vault.keyhold');
  await createVaultFile(path, hsm, { ...made, createdAt: Date.now() });
  const vault = openVault(path);
  await vault.load(hsm);
  for (let left = RECORDS; left > 0; left -= AT_ONCE) await fillVault(vault, Math.min(left, AT_ONCE));
  return vault;
}

async function newRoot(vault: Vault): Promise<void> {
  const secret = { factor: 'password' as const, sealed: await sealFor(hsm, 'password', PASSWORD) };
  const { ticket } = await hsm.call('proveSlots', { secret, slots: vault.slots() });
  const slots = vault.slots().flatMap(({ descriptor }) => slotInfo(descriptor) ?? []);
  const dropped = slots.flatMap(({ factors, id }) => (factors.includes('recovery-code') ? [id] : []));
  const event = auditEvent('vault.rotateKeys', { id: randomBytes(16).toString('hex') });
  await replaceRoot(vault, { proofs: ticket === null ? [] : [ticket], dropped, createdAt: Date.now(), event });
}

/** Processor time of this process and of the HSM's, in milliseconds; NaN where there is no /proc. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  const stat = `/proc/${hsm.pid ?? 0}/stat`;
  const fields = existsSync(stat) ? readFileSync(stat, 'latin1').split(' ') : [];
  return (user + system) / 1000 + (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
}

interface Round {
  /** Records a second of processor time, and of time. */
  worked: number;
  passed: number;
  rootMs: number;
  longestMs: number;
  verifyMs: number;
}

async function round(vault: Vault): Promise<Round> {
  const began = performance.now();
  await newRoot(vault);
  const rootMs = performance.now() - began;
  if (countOutdated(vault) !== RECORDS) throw new Error('Some records are under the new keys already.');
  let longestMs = 0;
  const [started, work] = [performance.now(), processorMs()];
  for (let after: string | null = ''; after !== null; ) {
    const before = performance.now();
    ({ after } = await resealNext(vault, after));
    longestMs = Math.max(longestMs, performance.now() - before);
  }
  const worked = RECORDS / ((processorMs() - work) / 1000);
  const passed = RECORDS / ((performance.now() - started) / 1000);
  const verifying = performance.now();
  await verifyRecords(vault);
  const verifyMs = performance.now() - verifying;
  if (!(await retireKeks(vault, auditEvent('done')))) throw new Error('A record is still under an older key.');
  return { worked, passed, rootMs, longestMs, verifyMs };
}

let vault: Vault | undefined;
try {
  vault = await newVault();
  const rounds: Round[] = [];
  for (let index = 0; index < ROUNDS; index++) rounds.push(await round(vault));
  const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString('en')}/s`;
  const of = (pick: (one: Round) => number): number => median(rounds.map(pick));
  const passed = of((one) => one.passed);
  const rows: BenchRow[] = [
    {
      what: `${RECORDS.toLocaleString('en')} records under new keys, ${inMemory ? 'without' : 'with'} flushes`,
      ours: rate(passed),
      measured: rate(passed),
      target: `≥ ${TARGET.toLocaleString('en')}/s`,
      met: passed >= TARGET,
    },
    { what: 'the same by the processor time of both processes', ours: rate(of((one) => one.worked)) },
    { what: 'longest that a writer waits for a batch', ours: `${of((one) => one.longestMs).toFixed(0)} ms` },
    { what: 'a new root key, Argon2id of one way in included', ours: `${of((one) => one.rootMs).toFixed(0)} ms` },
    { what: 'opening all of them once more at the end', ours: `${of((one) => one.verifyMs).toFixed(0)} ms` },
  ];
  report(rows);
} finally {
  await vault?.close();
  await hsm.kill();
  rmSync(folder, { recursive: true, force: true });
}
