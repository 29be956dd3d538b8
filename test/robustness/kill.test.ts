import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import { ACCESS_KEY_ID, SECRET_KEY } from '../support/core.ts';
import { type SocketClient, startTestDaemon, type TestDaemon } from '../support/daemon.ts';

const ROUNDS = process.env['KEYHOLD_TEST_FULL'] === '1' ? 300 : 12;
const WRITERS = 4;
const LONGEST_RUN_MS = 400;

/** What the daemon has acknowledged, and so must still be there. */
interface Acknowledged {
  accounts: Map<string, { note: string | undefined }>;
  removed: Set<string>;
  writes: number;
}

/** Adds, changes and removes accounts until the connection breaks; only what was answered is noted. */
async function write(client: SocketClient, round: number, writer: number, done: Acknowledged): Promise<void> {
  for (let index = 0; ; index += 1) {
    const name = `r${round}-w${writer}-${index}`;
    try {
      await client.call('account.add', { name, accountId: '123456789012', kind: 'remote', note: 'first' });
      done.accounts.set(name, { note: 'first' });
      done.writes += 1;
      if (index % 3 === 1) {
        // From here on until the answer either value is right.
        done.accounts.set(name, { note: undefined });
        await client.call('account.update', { name, note: 'second' });
        done.accounts.set(name, { note: 'second' });
        done.writes += 1;
      }
      if (index % 3 === 2) {
        done.accounts.delete(name);
        await client.call('account.remove', { name });
        done.removed.add(name);
        done.writes += 1;
      }
    } catch (error) {
      if (error instanceof KeyholdError && error.code === 'Unreachable') return;
      throw error;
    }
  }
}

async function verify(daemon: TestDaemon, done: Acknowledged): Promise<void> {
  await daemon.unlock();
  const report = await daemon.call('vault.check', {});
  expect(report.findings).toEqual([]);
  expect(report.ok).toBe(true);
  const { accounts } = await daemon.call('account.list', {});
  const there = new Map(accounts.map((account) => [account.name, account.note]));
  for (const [name, { note }] of done.accounts) {
    expect([name, there.has(name)]).toEqual([name, true]);
    if (note !== undefined) expect([name, there.get(name)]).toEqual([name, note]);
  }
  for (const name of done.removed) expect([name, there.has(name)]).toEqual([name, false]);
  expect(await daemon.call('audit.verify', {})).toMatchObject({ ok: true });
}

/** A seeded generator, so that a failing run can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`${ROUNDS} × kill -9 under writes: every acknowledged write is there`, async () => {
  const home = mkdtempSync(join(tmpdir(), 'kh-kill-'));
  const random = generator(20261123);
  const done: Acknowledged = { accounts: new Map(), removed: new Set(), writes: 0 };
  try {
    let daemon = await startTestDaemon({ home });
    await daemon.create();
    await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
    await daemon.importKey({ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID }, SECRET_KEY);
    for (let round = 0; round < ROUNDS; round += 1) {
      const clients = await Promise.all(Array.from({ length: WRITERS }, () => daemon.connect()));
      const writers = clients.map((client, writer) => write(client, round, writer, done));
      await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_RUN_MS));
      await daemon.kill();
      await Promise.all(writers);
      for (const client of clients) client.close();
      daemon = await startTestDaemon({ home });
      await verify(daemon, done);
      // The list stays short, so that late rounds are as quick as early ones.
      if (done.accounts.size > 400) await prune(daemon, done);
    }
    expect((await daemon.call('key.list', {})).keys).toMatchObject([{ name: 'deploy' }]);
    const { total } = await daemon.call('audit.list', { limit: 1 });
    console.log(`${ROUNDS} kills, ${done.writes} acknowledged writes, none lost; ${total} audit entries verify`);
    await daemon.stop();
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

async function prune(daemon: TestDaemon, done: Acknowledged): Promise<void> {
  for (const name of [...done.accounts.keys()].slice(0, 300)) {
    done.accounts.delete(name);
    await daemon.call('account.remove', { name });
    done.removed.add(name);
  }
}
