import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { checkVault } from '../../src/core/vault/check.ts';
import { isUnfinished } from '../../src/core/vault/keks.ts';
import { countOutdated } from '../../src/core/vault/rekey.ts';
import { pinnedNode } from '../support/daemon.ts';
import { PASSWORD } from '../support/hsm.ts';
import { openSealedWith, readVault } from '../support/second-reader.ts';
import { seeded } from '../support/seeded.ts';
import {
  addObject,
  auditEvent,
  fillVault,
  makeTestVault,
  removeTestFolders,
  reopen,
  testFolder,
} from '../support/vault.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const RECORDS = FULL ? 50_000 : 500;
const KILLS = FULL ? 10 : 3;
const BATCH = FULL ? 1024 : 20;
const AT_ONCE = 5_000;
const CRASH = fileURLToPath(new URL('../support/rekey-crash.ts', import.meta.url));

afterEach(() => removeTestFolders());

/** Runs the process that kills itself at a step; answers how many there are when it got to the end, else null. */
function run(path: string, recovery: string, at: number): Promise<number | null> {
  const args = ['--path', path, '--recovery', recovery, '--batch', String(BATCH), '--at', String(at)];
  const child = spawn(pinnedNode(), [CRASH, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => {
      const done = /^done (\d+)$/m.exec(said);
      if (signal !== 'SIGKILL') reject(new Error(`it ended with ${code ?? signal}`));
      else resolve(done === null ? null : Number(done[1]));
    });
  });
}

test(`${RECORDS} records under new keys, killed ${KILLS} times on the way: the vault is whole each time, and the old key opens nothing new`, async () => {
  const file = await makeTestVault();
  for (let left = RECORDS; left > 0; left -= AT_ONCE) await fillVault(file.vault, Math.min(left, AT_ONCE));
  const object = await addObject(file.vault, file.hsm);
  const { mac } = await file.hsm.call('hmac', {
    ...{ key: file.vault.blob(object), algorithm: 'SHA-256', message: new Uint8Array(4) },
  });
  await file.vault.transact({ audit: [auditEvent('before')] });
  await file.vault.close();
  const before = join(testFolder(), 'before.keyhold');
  copyFileSync(file.path, before);

  const chance = seeded(36);
  // A record is a step, and so is a page of its batch. The root key's transaction comes first, with every page.
  const share = Math.floor(RECORDS / (KILLS + 1));
  const left: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const at = (kill === 0 ? 300 : 0) + Math.floor(share * 0.6) + chance.below(Math.floor(share * 0.4));
    expect(await run(file.path, file.made.recoveryText, at)).toBeNull();
    const { vault, hsm } = await reopen(file);
    expect((await checkVault(vault, hsm)).findings).toEqual([]);
    left.push(countOutdated(vault));
    await vault.close();
  }
  // Each went on where the one before was killed.
  expect(left).toEqual(left.toSorted((a, b) => b - a));
  expect(left.at(-1)).toBeLessThan(RECORDS);
  expect(await run(file.path, file.made.recoveryText, 0)).toBeGreaterThan(0);

  const { vault, hsm } = await reopen(file);
  expect(isUnfinished(vault.keks())).toBe(false);
  expect((await checkVault(vault, hsm)).findings).toEqual([]);
  expect(await vault.read('account')).toHaveLength(RECORDS);
  const again = { key: vault.blob(object), algorithm: 'SHA-256' as const, message: new Uint8Array(4) };
  expect((await hsm.call('hmac', again)).mac).toEqual(mac);
  await vault.close();
  const [old, now] = [await readVault(before, PASSWORD), await readVault(file.path, PASSWORD)];
  expect(now.records.map(({ payload }) => payload.toString('hex'))).toEqual(
    old.records.map(({ payload }) => payload.toString('hex')),
  );
  expect(openSealedWith(file.path, old)).toEqual({ keks: 0, records: 0, audit: old.audit.length, head: false });
  console.log(`${RECORDS} records, ${KILLS} kills; left after each: ${left.join(', ')}`);
});

/** Each step of a small run is tried: the root key's transaction, a batch, the end. */
test.runIf(FULL)('killed at every single step, the vault opens with the same password and is whole', async () => {
  const file = await makeTestVault();
  await fillVault(file.vault, 6);
  await file.vault.close();
  let steps: number | null = null;
  for (let at = 1; steps === null; at++) {
    const path = join(testFolder(), 'vault.keyhold');
    copyFileSync(file.path, path);
    steps = await run(path, file.made.recoveryText, at);
    const { vault, hsm } = await reopen({ path, made: file.made });
    expect([at, (await checkVault(vault, hsm)).findings]).toEqual([at, []]);
    expect(await vault.read('account')).toHaveLength(6);
    await vault.close();
  }
  console.log(`killed at each of ${steps} steps`);
});
