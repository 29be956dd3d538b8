import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, onTestFinished, test } from 'vitest';
import { ACCESS_KEY_ID, SECRET_KEY } from '../support/core.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';

/** A file system of 2 MiB; null where this user may not mount one. */
function smallDisk(): string | null {
  const disk = mkdtempSync(join(tmpdir(), 'kh-disk-'));
  const mounted =
    process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk]).status === 0;
  onTestFinished(() => {
    if (mounted) spawnSync('umount', [disk]);
    rmSync(disk, { recursive: true, force: true });
  });
  return mounted ? disk : null;
}

/** Writes until nothing more fits. */
function fill(disk: string): string {
  const path = join(disk, 'filler');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(4096, 1);
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(file);
  }
  return path;
}

/** GetCallerIdentity with a client key; answers the status and the body. */
async function call(daemon: TestDaemon, key: { accessKeyId: string; secret: string }): Promise<[number, string]> {
  const { hostname, port, host } = new URL(daemon.endpoint);
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const signer = new SignatureV4({
    credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secret },
    region: 'us-east-1',
    service: 'sts',
    sha256: Sha256,
  });
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const signed = await signer.sign({ method: 'POST', protocol: 'http:', hostname, path: '/', headers, body });
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method: 'POST', headers: signed.headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      answer.on('end', () => resolve([answer.statusCode ?? 0, text]));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

test('on a disk that is really full a vault can be unlocked, read and saved, and signs nothing', async ({ skip }) => {
  const home = smallDisk();
  if (home === null) return skip('only root can mount a small file system');
  const elsewhere = mkdtempSync(join(tmpdir(), 'kh-elsewhere-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
  const first = await startTestDaemon({ home });
  await first.create();
  // Nothing listens there: a request that gets so far is answered with another error.
  await first.call('account.add', {
    name: 'prod',
    accountId: '123456789012',
    kind: 'remote',
    endpointUrl: 'http://127.0.0.1:1',
  });
  await first.importKey({ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID }, SECRET_KEY);
  await first.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy' });
  const key = await first.addClient({ name: 'tool', profile: 'prod' });
  await first.stop();

  // What was set aside is gone too, as after an earlier day on a full disk.
  rmSync(join(home, 'vault.keyhold.reserve'), { force: true });
  const filler = fill(home);
  const second = await startTestDaemon({ home });
  onTestFinished(async () => {
    if (second.process.exitCode === null) await second.kill();
  });
  expect(await second.unlock()).toMatchObject({ state: 'unlocked', warning: expect.stringContaining('disk is full') });
  expect((await second.call('client.list', {})).clients).toMatchObject([{ name: 'tool' }]);
  expect(await second.call('vault.check', {})).toMatchObject({ ok: true });
  const copy = await second.call('vault.backup', { path: join(elsewhere, 'copy.vault') });
  expect(copy.report.ok).toBe(true);
  const [status, text] = await call(second, key);
  expect([status, text.includes('The disk is full')]).toEqual([500, true]);
  await second.call('vault.lock', {});
  await second.unlock();

  writeFileSync(filler, '');
  await expect.poll(async () => (await call(second, key))[1]).toContain('could not reach');
  await expect.poll(async () => (await second.call('status.get', {})).warning).toBeUndefined();
  const { entries } = await second.call('audit.list', {});
  const actions = entries.map(({ event }) => event.action);
  for (const action of ['vault.unlock', 'vault.backup', 'GetCallerIdentity']) expect(actions).toContain(action);
  expect(await second.call('audit.verify', {})).toMatchObject({ ok: true });
  expect(await second.stop()).toBe(0);
});
