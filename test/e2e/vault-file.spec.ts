import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { gatePage } from './pages/gate-page.ts';
import { vaultPage } from './pages/vault-page.ts';

/** Settings' own dialogs, opened and filled. */
function settings(page: Page) {
  const dialog = page.getByRole('dialog');
  return {
    dialog,
    async backUp(path: string): Promise<void> {
      await page.getByRole('button', { name: 'Back up…' }).click();
      await dialog.getByRole('textbox', { name: 'File' }).fill(path);
      await dialog.getByRole('button', { name: 'Back up', exact: true }).click();
    },
    async restore(path: string, password: string): Promise<void> {
      await page.getByRole('button', { name: 'Restore…' }).click();
      await dialog.getByRole('textbox', { name: 'Backup file' }).fill(path);
      await dialog.getByLabel('Password at the time of the backup', { exact: true }).fill(password);
      await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    },
  };
}

test('a backup is written, verified, and never over another file unasked', async ({ home, daemon }) => {
  const path = join(daemon.home, 'copy.keyhold');
  const { dialog, backUp } = settings(home);
  await vaultPage(home).go('Settings');
  await backUp('copy.keyhold');
  await expect(dialog.getByText(/give the whole path, not copy\.keyhold/)).toBeVisible();
  await dialog.getByRole('textbox', { name: 'File' }).fill(path);
  await dialog.getByRole('button', { name: 'Back up', exact: true }).click();
  await expect(home.getByRole('heading', { name: 'Backup written' })).toBeVisible();
  await expect(dialog.getByText(path)).toBeVisible();
  await expect(dialog.getByText('The copy is whole')).toBeVisible();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await backUp(path);
  await dialog.getByRole('button', { name: 'Overwrite that file' }).click();
  await expect(home.getByRole('heading', { name: 'Backup written' })).toBeVisible();
});

test('a backup brings back what was there, and says where the vault it replaced is kept', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  const path = join(daemon.home, 'copy.keyhold');
  const { dialog, backUp, restore } = settings(home);
  await daemon.call('account.add', { name: 'before', accountId: '123456789012', kind: 'remote' });
  await vault.go('Settings');
  await backUp(path);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await daemon.call('account.add', { name: 'after', accountId: '123456789013', kind: 'remote' });
  await restore(path, VAULT_PASSWORD);
  await expect(home.getByRole('heading', { name: 'Unlock your vault' })).toBeVisible();
  const toast = home.getByText(/The backup was restored\. The file it replaced is kept as /);
  await expect(toast).toBeVisible();
  const kept = /kept as (\S+?)\.?$/.exec(await toast.innerText())?.[1] ?? '';
  expect(existsSync(kept)).toBe(true);
  await gatePage(home).unlock(VAULT_PASSWORD);
  await vault.go('Accounts');
  await expect(home.getByRole('option', { name: /before/ })).toBeVisible();
  await expect(home.getByRole('option', { name: /after/ })).toHaveCount(0);
});

test('a restore that fails changes nothing, and the reason stays on the screen', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  const path = join(daemon.home, 'copy.keyhold');
  const { dialog, backUp, restore } = settings(home);
  await vault.go('Settings');
  await restore(join(daemon.home, 'nowhere.keyhold'), VAULT_PASSWORD);
  await expect(dialog.getByText(/There is no file .*nowhere\.keyhold/)).toBeVisible();
  await expect(dialog.getByRole('textbox', { name: 'Backup file' })).not.toHaveValue('');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await backUp(path);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await restore(path, 'not the password of it');
  // Trying it locks the vault, which takes the dialog away.
  await expect(home.getByRole('heading', { name: 'Unlock your vault' })).toBeVisible();
  const reason = home.getByText(/The backup was not restored/);
  await expect(reason).toContainText('Your vault is as it was');
  await gatePage(home).unlock(VAULT_PASSWORD);
  await expect(reason).toBeVisible();
  await vault.go('Accounts');
  await expect(home.getByRole('option', { name: /prod/ })).toBeVisible();
});
