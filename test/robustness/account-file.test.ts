import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { exportAccount, importAccount } from '../support/account-file.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';

const ROUNDS = process.env['KEYHOLD_TEST_FULL'] === '1' ? 60 : 5;
const KEYS = 300;
const LONGEST_RUN_MS = 500;
const PATH = 'lab.keyhold-account';

/** A seeded generator, so that a failing run can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kh-account-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startLab(home: string): Promise<TestDaemon> {
  const daemon = await startTestDaemon({ home });
  await daemon.create();
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
  const call = { account: 'lab', region: 'us-east-1', service: 'kms', operation: 'CreateKey', input: {} } as const;
  for (let made = 0; made < KEYS; made += 1) await daemon.call('service.call', call);
  return daemon;
}

const keysOf = async (daemon: TestDaemon) => (await daemon.call('kms.keys', {})).keys.length;

test(`${ROUNDS} × kill -9 while exporting and importing: a whole file or none, a whole account or none`, async () => {
  const random = generator(20261128);
  const files = temporaryFolder();
  const path = join(files, PATH);
  const home = temporaryFolder();
  let from = await startLab(home);
  for (let round = 0; round < ROUNDS; round += 1) {
    rmSync(path, { force: true });
    const exporting = exportAccount(from.client, path).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_RUN_MS));
    await from.kill();
    await exporting;
    from = await startTestDaemon({ home });
    await from.unlock();
    const there = existsSync(path);
    await exportAccount(from.client, there ? `${path}.again` : path);
    rmSync(`${path}.again`, { force: true });
    // What the kill left is gone with the next export to the same place.
    expect(readdirSync(files).filter((name) => there === false && name !== PATH)).toEqual([]);

    const target = temporaryFolder();
    let to = await startTestDaemon({ home: target });
    await to.create();
    const importing = importAccount(to.client, path).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_RUN_MS));
    await to.kill();
    await importing;
    to = await startTestDaemon({ home: target });
    await to.unlock();
    expect(await to.call('vault.check', {})).toMatchObject({ ok: true, findings: [] });
    const { accounts } = await to.call('account.list', {});
    expect(await keysOf(to)).toBe(accounts.length === 0 ? 0 : KEYS);
    if (accounts.length === 0) await importAccount(to.client, path);
    expect(await keysOf(to)).toBe(KEYS);
    await to.stop();
  }
  await from.stop();
});

test('a full disk: no file, and no half of one', async (context) => {
  const disk = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status !== 0) {
    return context.skip('needs the right to mount a tmpfs');
  }
  onTestFinished(() => void spawnSync('umount', [disk]));
  const daemon = await startLab(temporaryFolder());
  await expect(exportAccount(daemon.client, join(disk, PATH))).rejects.toMatchObject({ code: 'DiskFull' });
  expect(readdirSync(disk)).toEqual([]);
  await daemon.stop();
});
