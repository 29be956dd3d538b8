import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { pinnedNode, type TestDaemon } from '../support/daemon.ts';
import { CLI_PROGRAM as CLI } from '../support/programs.ts';
import { type Run, run } from '../support/scenario.ts';
import { expect, test } from './fixtures.ts';
import { dropFile } from './pages/drop-file.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { filesPage } from './pages/files-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const PLACE = { account: 'lab', region: 'eu-central-1' } as const;
const MIB = 1024 * 1024;
/** In MiB: more than the daemon may grow by. */
const LARGE = process.env['KEYHOLD_TEST_FULL'] === '1' ? 200 : 110;

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-files-'));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

function keyhold(daemon: TestDaemon, ...args: string[]): Promise<Run> {
  return run(pinnedNode(), [CLI, ...args], { env: { ...process.env, NO_COLOR: '1', KEYHOLD_HOME: daemon.home } });
}

/** A local account with keys of these aliases, and the page on its files. */
async function startWith(page: Page, daemon: TestDaemon, ...aliases: string[]) {
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: PLACE.region });
  for (const alias of aliases) {
    const call = { ...PLACE, service: 'kms' } as const;
    const made = await daemon.call('service.call', { ...call, operation: 'CreateKey', input: {} });
    const { KeyId } = made.output['KeyMetadata'] as { KeyId: string };
    const input = { AliasName: `alias/${alias}`, TargetKeyId: KeyId };
    await daemon.call('service.call', { ...call, operation: 'CreateAlias', input });
  }
  await vaultPage(page).go('Encrypt');
  return filesPage(page);
}

/** Browsers that have no dialog for saving get a download. */
async function withoutSaveDialog(page: Page): Promise<void> {
  await page.evaluate(() => Object.defineProperty(window, 'showSaveFilePicker', { value: undefined }));
}

/** A dialog that always names a file of the browser’s own storage: a real handle, which is all that the page sees of it. */
async function withSaveDialog(page: Page): Promise<void> {
  await page.evaluate(() => {
    const ask = async (options: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(options.suggestedName, { create: true });
    Object.defineProperty(window, 'showSaveFilePicker', { value: ask });
  });
}

const savedNames = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
    return names;
  });

/** Resident memory of a process in MiB, and the most it ever had. */
function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

test('a dropped file is encrypted for two keys with a context; keyhold decrypt reads it with either', async ({
  home,
  daemon,
}) => {
  const files = await startWith(home, daemon, 'backup', 'escrow');
  await withoutSaveDialog(home);
  const plain = randomBytes(3 * MIB + 17);
  const path = join(folder, 'notes of May.tar');
  writeFileSync(path, plain);
  await dropFile(files.place, path);
  await expect(files.panel.getByText('notes of May.tar', { exact: true })).toBeVisible();
  await files.chooseKey(1, 'backup');
  await files.panel.getByRole('button', { name: 'Add a key' }).click();
  await files.chooseKey(2, 'escrow');
  await files.addPair('project', 'blue');
  await expect(files.panel.getByText(/--key alias\/backup --key alias\/escrow --context project=blue/)).toBeVisible();
  await expectAccessible(home, 'a file to encrypt');
  const saved = await files.save('encrypt');
  expect(saved.name).toBe('notes of May.tar.encrypted');
  await expect(files.panel.getByText('File encrypted')).toBeVisible();

  const { output } = await daemon.call('service.call', {
    ...PLACE,
    service: 'kms',
    operation: 'DescribeKey',
    input: { KeyId: 'alias/backup' },
  });
  const { KeyId } = output['KeyMetadata'] as { KeyId: string };
  await daemon.call('service.call', { ...PLACE, service: 'kms', operation: 'DisableKey', input: { KeyId } });
  const back = join(folder, 'back');
  const done = await keyhold(daemon, 'decrypt', saved.path, '-o', back, '--context', 'project=blue', '--json');
  expect(done.code, done.stderr).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({ bytes: plain.length });
  expect(readFileSync(back).equals(plain)).toBe(true);

  const { entries } = await daemon.call('audit.list', { service: 'kms', limit: 50 });
  const byPage = entries.map(({ event }) => event).filter((event) => event.actor === 'web');
  expect(byPage.map((event) => event.action)).toEqual(expect.arrayContaining(['GenerateDataKey', 'Encrypt']));
});

test('what keyhold encrypt wrote shows its header and is decrypted; the context that was asked for must be there', async ({
  home,
  daemon,
}) => {
  const files = await startWith(home, daemon, 'backup');
  await withoutSaveDialog(home);
  const plain = randomBytes(100_000);
  writeFileSync(join(folder, 'plain'), plain);
  const message = join(folder, 'plain.encrypted');
  const made = await keyhold(
    daemon,
    'encrypt',
    join(folder, 'plain'),
    '--key',
    'alias/backup',
    '--context',
    'job=nightly',
  );
  expect(made.code, made.stderr).toBe(0);
  await files.choose(message);
  await expect(files.panel.getByRole('link', { name: 'backup' })).toBeVisible();
  await expect(files.panel.getByText('job = nightly')).toBeVisible();
  await expect(files.panel.getByText('aws-crypto-public-key')).toHaveCount(0);
  await expectAccessible(home, 'a file to decrypt');

  await files.addPair('job', 'weekly');
  await files.decrypt.click();
  await expect(files.panel.getByText('Nothing was saved')).toBeVisible();
  await expect(files.panel.getByText('The file was not encrypted with the context job=weekly.')).toBeVisible();
  await files.panel.getByRole('textbox', { name: 'Value 1' }).fill('nightly');
  const saved = await files.save('decrypt');
  expect(saved.name).toBe('plain');
  expect(readFileSync(saved.path).equals(plain)).toBe(true);
  await expect(files.panel.getByText('File decrypted')).toBeVisible();
});

test('a message that was edited, cut or is none leaves no file, and the page says why', async ({ home, daemon }) => {
  const files = await startWith(home, daemon, 'backup');
  await withSaveDialog(home);
  writeFileSync(join(folder, 'plain'), randomBytes(2 * MIB));
  const path = join(folder, 'plain.encrypted');
  await keyhold(daemon, 'encrypt', join(folder, 'plain'), '--key', 'alias/backup');
  const message = readFileSync(path);
  const edited = Buffer.from(message);
  edited[message.length - 300] = (edited[message.length - 300] ?? 0) ^ 1;
  for (const bytes of [edited, message.subarray(0, message.length - 2000)]) {
    writeFileSync(path, bytes);
    await files.choose(path);
    await files.decrypt.click();
    await expect(files.panel.getByText('Nothing was saved')).toBeVisible();
    expect(await savedNames(home)).toEqual([]);
    await files.panel.getByRole('button', { name: 'Take the file out' }).click();
  }
  writeFileSync(path, 'a shopping list');
  await files.choose(path);
  await files.panel.getByRole('radio', { name: 'Decrypt' }).click();
  await expect(files.panel.getByText('This is no encrypted file')).toBeVisible();
  await expect(files.decrypt).toHaveCount(0);
});

test(`${LARGE} megabytes pass through, and the daemon stays as small as it was`, async ({ home, daemon }) => {
  test.setTimeout(240_000);
  const files = await startWith(home, daemon, 'backup');
  await withSaveDialog(home);
  const path = join(folder, 'disk.img');
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  for (let part = 0; part < LARGE; part++) {
    const bytes = randomBytes(MIB);
    hash.update(bytes);
    writeSync(file, bytes);
  }
  closeSync(file);
  // What the Encryption SDK itself takes is there before the measuring begins.
  writeFileSync(join(folder, 'small'), 'x'.repeat(1000));
  await files.choose(join(folder, 'small'));
  await files.encrypt.click();
  await expect(files.panel.getByText('File encrypted')).toBeVisible();
  const before = memoryOf(daemon.pid).peak;

  await files.panel.getByRole('button', { name: 'Take the file out' }).click();
  await files.choose(path);
  await files.encrypt.click();
  await expect(files.panel.getByRole('progressbar', { name: 'Encrypting disk.img' })).toBeVisible();
  await expect(files.panel.getByText('File encrypted')).toBeVisible({ timeout: 120_000 });
  const after = memoryOf(daemon.pid).peak;
  console.log(
    `daemon: at most ${before.toFixed(0)} MiB before, ${after.toFixed(0)} MiB while ${LARGE} MiB were encrypted`,
  );
  expect(after - before).toBeLessThan(100);
  const size = await home.evaluate(
    async () =>
      (await (await (await navigator.storage.getDirectory()).getFileHandle('disk.img.encrypted')).getFile()).size,
  );
  expect(size).toBeGreaterThan(LARGE * MIB);
});

test('a file under way can be given up, and nothing of it stays', async ({ home, daemon }) => {
  const files = await startWith(home, daemon, 'backup');
  await withSaveDialog(home);
  const path = join(folder, 'disk.img');
  writeFileSync(path, Buffer.alloc(150 * MIB));
  await files.choose(path);
  await files.encrypt.click();
  await files.cancel.click();
  await expect(files.encrypt).toBeVisible();
  await expect(files.panel.getByText('Nothing was saved')).toHaveCount(0);
  await expect.poll(() => savedNames(home)).toEqual([]);
  // Another one can begin at once; a lock from elsewhere, in the middle, ends it too.
  await files.encrypt.click();
  await expect(files.cancel).toBeVisible();
  await daemon.call('vault.lock', {});
  await expect(home.getByRole('button', { name: 'Unlock' })).toBeVisible();
  await expect.poll(() => savedNames(home)).toEqual([]);
});
