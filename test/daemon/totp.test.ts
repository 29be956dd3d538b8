import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type SocketClient, startTestDaemon, type TestDaemon } from '../support/daemon.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const ROUNDS = FULL ? 40 : 3;
const CALLERS = 16;
const SEED = new TextEncoder().encode('12345678901234567890');

/** More counters than the long form gets through. */
const COUNTERS = 100_000;

/** How many counters of a seed have each code (RFC 4226, 8 digits): among tens of thousands, some have the same one. */
function timesOfCodes(seed: Uint8Array): Map<string, number> {
  const times = new Map<string, number>();
  const counter = Buffer.alloc(8);
  for (let at = 0; at < COUNTERS; at += 1) {
    counter.writeBigUInt64BE(BigInt(at));
    const mac = createHmac('sha1', seed).update(counter).digest();
    const truncated = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff;
    const code = String(truncated % 100_000_000).padStart(8, '0');
    times.set(code, (times.get(code) ?? 0) + 1);
  }
  return times;
}

let daemon: TestDaemon | undefined;
let home = '';
afterEach(async () => {
  await daemon?.kill();
  rmSync(home, { recursive: true, force: true });
});

/**
 * Periods of one second, so that steps come by while callers ask at the same moment over connections of their own, and the daemon is killed at some point while
 * they do. What any of them ever got must be different.
 */
test('callers at the same moment, and a kill in between, never get one step twice', { timeout: 600_000 }, async () => {
  home = mkdtempSync(join(tmpdir(), 'kh-totp-'));
  const times = new Set<string>();
  const counters = new Map<string, number>();
  const allowed = timesOfCodes(SEED.slice(1));
  for (let round = 0; round < ROUNDS; round += 1) {
    daemon = await startTestDaemon({ home });
    if (round === 0) {
      await daemon.create();
      for (const [name, seed, more] of [
        ['time', SEED, { type: 'totp', period: 1, digits: 8 }],
        ['count', SEED.slice(1), { type: 'hotp', digits: 8 }],
      ] as const) {
        const sealedIn = daemon.client;
        await sealedIn.callSealed('totp.add', async (seal) => ({ name, ...more, seed: await seal('otp-seed', seed) }));
      }
    } else await daemon.unlock();
    const clients = await Promise.all(Array.from({ length: CALLERS }, () => daemon?.connect()));
    let ended = false;
    const ask = async (client: SocketClient | undefined, at: number): Promise<void> => {
      while (!ended && client !== undefined) {
        const name = at % 4 === 0 ? 'count' : 'time';
        const answer = await client.call('totp.use', { name }).catch(() => undefined);
        if (answer === undefined) return;
        if (answer.outcome === 'wait') {
          await new Promise((resolve) => setTimeout(resolve, answer.waitMs));
          continue;
        }
        if (name === 'count') {
          const got = (counters.get(answer.code) ?? 0) + 1;
          expect(got, `count ${answer.code} again`).toBeLessThanOrEqual(allowed.get(answer.code) ?? 0);
          counters.set(answer.code, got);
          continue;
        }
        // The code of a time step is told by when it ends: two steps may have the same digits.
        const end = answer.validUntil ?? '';
        expect(times.has(end), `time ${end} again`).toBe(false);
        times.add(end);
      }
    };
    const asking = Promise.all(clients.map(ask));
    await new Promise((resolve) => setTimeout(resolve, 1500 + round * 137));
    const killed = daemon.kill();
    ended = true;
    await killed;
    for (const client of clients) client?.close();
    await asking;
  }
  expect(times.size).toBeGreaterThanOrEqual(ROUNDS);
  expect(counters.size).toBeGreaterThan(ROUNDS);
});
