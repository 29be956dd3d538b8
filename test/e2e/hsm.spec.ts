import { existsSync, mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { vaultPage } from './pages/vault-page.ts';

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-mirror-'));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a mirror is added, goes out of reach and comes back, and is let go of with a way back', async ({
  home,
  daemon,
}) => {
  await vaultPage(home).go('HSM');
  const copies = home.getByRole('region', { name: 'Copies of the vault' });
  await expect(copies.getByText('in step')).toHaveCount(1);
  await expectAccessible(home, 'HSM, one copy');
  const add = async (path: string): Promise<void> => {
    await copies.getByRole('button', { name: 'Add a mirror' }).click();
    await home.getByRole('dialog').getByRole('textbox', { name: 'Folder or file' }).fill(path);
    await home.getByRole('dialog').getByRole('button', { name: 'Add the mirror' }).click();
  };
  await add('not/a/whole/path');
  await expect(home.getByRole('dialog').getByRole('alert')).toBeVisible();
  await expectAccessible(home, 'add a mirror, refused');
  await expect(home.getByRole('dialog').getByRole('textbox', { name: 'Folder or file' })).toHaveValue(
    'not/a/whole/path',
  );
  await home.keyboard.press('Escape');
  await add(folder);
  await expect(home.getByRole('dialog')).toBeHidden();
  await expect(copies.getByText('in step')).toHaveCount(2);
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.keyhold'));
  expect(existsSync(join(folder, file))).toBe(true);
  await expectAccessible(home, 'HSM, two copies');

  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
  const { copies: known } = await daemon.call('hsm.status', {});
  expect(new Set(known.map((copy) => copy.generation)).size).toBe(1);

  await copies.getByRole('button', { name: /^More for .*kh-mirror-/ }).click();
  await home.getByRole('menuitem', { name: 'Stop keeping it in step' }).click();
  await expect(copies.getByText('in step')).toHaveCount(1);
  await home.getByRole('button', { name: 'Undo' }).click();
  await expect(copies.getByText('in step')).toHaveCount(2);
  // Somebody pulls the stick: the next change says so.
  unlinkSync(join(folder, file));
  rmSync(folder, { recursive: true });
  await daemon.call('account.add', { name: 'other', accountId: '123456789013', kind: 'local' });
  await expect.poll(async () => (await daemon.call('hsm.status', {})).copies.length).toBe(2);
});

test('a backup is made at once, and what the HSM holds is counted', async ({ home, daemon }) => {
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: 'eu-central-1' });
  const call = { account: 'lab', region: 'eu-central-1', service: 'kms' } as const;
  await daemon.call('service.call', { ...call, operation: 'CreateKey', input: {} });
  await vaultPage(home).go('HSM');
  const backups = home.getByRole('region', { name: 'Backups' });
  await backups.getByRole('button', { name: 'Back up now' }).click();
  await expect(home.getByText(/Backed up and verified/)).toBeVisible();
  await expect(backups.getByRole('listitem')).toHaveCount(1);
  const { backups: made } = await daemon.call('hsm.status', {});
  expect(made.list.map((backup) => existsSync(backup.path))).toEqual([true]);
  await expect(home.getByRole('region', { name: 'Objects' }).getByRole('listitem').first()).toBeVisible();
  await expectAccessible(home, 'HSM with a backup');
});
