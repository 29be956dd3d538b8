import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { vaultPage } from './pages/vault-page.ts';

const PASSPHRASE = 'quartz mitten orbit saddle 93';

test('an account goes into a file and comes back under another name', async ({ home, daemon }) => {
  const path = join(daemon.home, 'lab.keyhold-account');
  const dialog = home.getByRole('dialog');
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
  const call = { account: 'lab', region: 'us-east-1', service: 'kms', operation: 'CreateKey', input: {} } as const;
  await daemon.call('service.call', call);
  await vaultPage(home).go('Accounts');
  await home.getByRole('option', { name: /lab/ }).click();
  await home.getByRole('button', { name: 'Export…' }).click();
  await dialog.getByRole('textbox', { name: 'File', exact: true }).fill(path);
  await dialog.getByLabel('Passphrase for the file', { exact: true }).fill(PASSPHRASE);
  await dialog.getByLabel('Repeat passphrase for the file', { exact: true }).fill(PASSPHRASE);
  await dialog.getByLabel('Password of this vault', { exact: true }).fill('not the password');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(dialog.getByText('This is not the password of the vault.')).toBeVisible();
  await dialog.getByLabel('Password of this vault', { exact: true }).fill(VAULT_PASSWORD);
  await home.keyboard.press('Enter');
  await expect(home.getByRole('heading', { name: 'Account exported' })).toBeVisible();
  await expect(dialog.getByText(/“lab” with 1 KMS key, 1 profile and 0 clients/)).toBeVisible();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await dialog.getByRole('button', { name: 'Done' }).click();

  await home.getByRole('button', { name: 'Import an account…' }).click();
  await dialog.getByRole('textbox', { name: 'Account file' }).fill(path);
  await dialog.getByLabel('Passphrase of the file', { exact: true }).fill('not the passphrase');
  await home.keyboard.press('Enter');
  await expect(dialog.getByText(/This is not the passphrase of the file/)).toBeVisible();
  await dialog.getByLabel('Passphrase of the file', { exact: true }).fill(PASSPHRASE);
  await dialog.getByRole('textbox', { name: /Name here/ }).fill('moved');
  await home.keyboard.press('Enter');
  await expect(dialog.getByText(/has the id 123456789012 already/)).toBeVisible();
  await daemon.call('account.remove', { name: 'lab', cascade: true });
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(home.getByText('“moved” is here, with 1 KMS key and 0 clients.')).toBeVisible();
  await expect(home.getByRole('option', { name: /moved/ })).toBeVisible();
});
