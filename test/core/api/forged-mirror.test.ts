import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { headParts } from '../../../src/core/vault/head-parts.ts';
import { openVault } from '../../../src/core/vault/store.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';

let core: TestCore;
let mirror: string;
beforeEach(async () => {
  core = startTestCore();
  await core.create();
  mkdirSync(join(core.home, 'elsewhere'));
  mirror = (await core.client.call('hsm.mirrorAdd', { path: join(core.home, 'elsewhere') })).path;
  await core.running.stop();
});
afterEach(() => core.dispose());

/** Who can write a mirror's disk needs no key to make it look later than the vault. */
async function rewrite(change: (db: Database.Database) => void): Promise<void> {
  const before = new Database(mirror);
  before.prepare('UPDATE head SET generation = generation + 10, mac = ?').run(randomBytes(32));
  change(before);
  before.close();
  const copy = openVault(mirror, { anchor: false });
  const parts = headParts(copy.readHead().state);
  await copy.close();
  const after = new Database(mirror);
  after.prepare('UPDATE head SET parts = ?').run(parts);
  after.close();
}

async function unlocksAllTheSame(): Promise<void> {
  await core.restart();
  expect(await core.unlock()).toMatchObject({ state: 'unlocked' });
  expect(await core.client.call('vault.check', {})).toMatchObject({ ok: true });
  await core.client.call('account.add', { name: 'later', accountId: '123456789012', kind: 'remote' });
  // And the next time.
  await core.client.call('vault.lock', {});
  expect(await core.unlock()).toMatchObject({ state: 'unlocked' });
}

const notices = () => core.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

test('a mirror that was rewritten to look later, under other keys, does not keep a good vault from being unlocked', async () => {
  await rewrite((db) => db.prepare('UPDATE keks SET wrapped = randomblob(length(wrapped))').run());
  await unlocksAllTheSame();
  // Once an unlock.
  const told = expect.stringContaining('does not verify with the vault’s keys');
  expect(notices().filter((message) => message.includes(mirror))).toEqual([told, told]);
  const { copies } = await core.client.call('hsm.status', {});
  expect(copies.find(({ path }) => path === mirror)).toMatchObject({ state: 'conflict' });
});

test('nor does one with a forged head', async () => {
  await rewrite(() => undefined);
  await unlocksAllTheSame();
  expect(notices().some((message) => message.includes(mirror))).toBe(true);
});
