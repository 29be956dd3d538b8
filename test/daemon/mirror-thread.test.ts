import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MirrorClient } from '../../src/core/mirrors/client.ts';
import { spawnMirrorThread } from '../../src/daemon/mirror-thread.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { makeTestVault, removeTestFolders } from '../support/vault.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-thread-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  removeTestFolders();
});

const place = (path: string) => ({ path, vaultPath: join(folder, 'home', 'vault.keyhold'), apart: false });

test('a thread opens a vault file, answers in order and lets go of it', async () => {
  const file = await makeTestVault();
  await file.vault.close();
  const client = new MirrorClient(spawnMirrorThread, systemClock);
  const head = await client.call('open', { place: place(file.path), holder: null }, 10_000);
  expect(head).toMatchObject({ generation: 1, auditSeq: 0, vaultId: file.made.vaultId });
  const answers = await Promise.all([
    client.call('probe', {}, 10_000),
    client.call('apply', { transactions: [[['setMeta', 'unlock_failures', new Uint8Array([1])]]] }, 10_000),
    client.call('head', {}, 10_000),
    client.call('close', {}, 10_000),
  ]);
  expect(answers[1]).toEqual({ inStep: true });
  expect(answers[2].rest).not.toEqual(head.rest);
  await expect(client.call('probe', {}, 10_000)).rejects.toMatchObject({ code: 'NotFound' });
  client.end();
});

test('an error of the thread arrives as it was, with what it is about', async () => {
  const client = new MirrorClient(spawnMirrorThread, systemClock);
  const gone = join(folder, 'vault.keyhold');
  await expect(client.call('open', { place: place(gone), holder: null }, 10_000)).rejects.toMatchObject({
    code: 'NotFound',
    details: { path: gone, missing: true },
  });
  const away = join(folder, 'away', 'vault.keyhold');
  await expect(client.call('open', { place: place(away), holder: null }, 10_000)).rejects.toMatchObject({
    code: 'NotFound',
    details: { path: away },
  });
  client.end();
});

test('a thread that does not answer in time is given up, and the next call starts another', async () => {
  const clock = createFakeClock();
  let started = 0;
  const client = new MirrorClient(() => {
    started += 1;
    const channel = spawnMirrorThread();
    return started === 1 ? { ...channel, send: () => undefined } : channel;
  }, clock);
  const call = client.call('probe', {}, 3_000);
  const behind = client.call('probe', {}, 9_000);
  clock.advance(3_000);
  await expect(call).rejects.toMatchObject({ code: 'Timeout', message: 'The disk did not answer within 3 s.' });
  await expect(behind).rejects.toMatchObject({ code: 'Timeout' });
  expect(client.running).toBe(false);
  await expect(client.call('probe', {}, 9_000)).rejects.toMatchObject({ code: 'NotFound' });
  expect([started, clock.pending()]).toEqual([2, 0]);
  client.end();
});
