import { createHash } from 'node:crypto';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { gatePage } from './pages/gate-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

test('what the command line changes appears here at once', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  await daemon.call('account.add', { name: 'stage', accountId: '210987654321', kind: 'remote' });
  await daemon.importKey({ name: 'ci', account: 'stage', accessKeyId: 'AKIAIOSFODNN7EXAMPL2' }, SECRET);
  await expect(vault.feed.getByText('Access key added')).toBeVisible();
  await vault.go('Access keys');
  await expect(home.getByRole('option', { name: /ci/ })).toBeVisible();
});

test('a denied request stands in the feed with its reason', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  await fetch(daemon.endpoint, {
    method: 'POST',
    headers: {
      'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d{3}/g, ''),
      'x-amz-content-sha256': createHash('sha256').update('').digest('hex'),
      authorization: `AWS4-HMAC-SHA256 Credential=KHLDAAAAAAAAAAAAAAAA/${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/us-east-1/sts/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${'0'.repeat(64)}`,
    },
  });
  await expect(vault.feed.getByText(/^Denied: /)).toBeVisible();
  await vault.feed.getByRole('button', { name: /Denied/ }).click();
  await expect(home.getByRole('article', { name: 'Entry' })).toContainText('Why it was denied');
});

test('disabling, undoing and removing a key asks and names what depends on it', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await daemon.importKey({ name: 'deploy-bot', account: 'prod', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, SECRET);
  await daemon.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy-bot' });
  await daemon.addClient({ name: 'terraform', profile: 'prod' });
  await vault.go('Access keys');
  const list = home.getByRole('listbox', { name: 'Access keys' });
  await expect(list.getByRole('option', { name: /deploy-bot/ })).toBeVisible();
  await list.focus();
  await home.keyboard.press('ArrowDown');
  await home.keyboard.press('x');
  await home.getByRole('toolbar').getByRole('button', { name: 'Disable' }).click();
  await expect(list.getByRole('option')).toContainText('disabled');
  await home.getByRole('button', { name: 'Undo' }).click();
  await expect(list.getByRole('option')).not.toContainText('disabled');
  await home.getByRole('toolbar').getByRole('button', { name: 'Remove…' }).click();
  const dialog = home.getByRole('alertdialog');
  await expect(dialog).toContainText('Profiles: prod');
  await expect(dialog).toContainText('Clients: terraform');
  await expect(dialog.getByRole('button', { name: /^Remove/ })).toBeDisabled();
  await dialog.getByText('Remove these too').click();
  await dialog.getByRole('button', { name: /^Remove/ }).click();
  await expect(home.getByText('No access keys yet')).toBeVisible();
  expect((await daemon.call('client.list', {})).clients).toEqual([]);
});

test('a client can be disabled and renamed, and a denied name is said at the field', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await daemon.importKey({ name: 'deploy-bot', account: 'prod', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }, SECRET);
  await daemon.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy-bot' });
  await daemon.addClient({ name: 'terraform', profile: 'prod' });
  await vault.go('Clients');
  const detail = home.getByRole('article', { name: 'Client terraform' });
  await detail.getByRole('button', { name: 'Disable' }).click();
  await expect(detail.getByText('disabled', { exact: true })).toBeVisible();
  await home.keyboard.press('n');
  await home.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('terraform');
  await home.getByRole('dialog').getByRole('button', { name: 'Add client' }).click();
  await expect(home.getByRole('dialog').getByText(/terraform/)).toBeVisible();
  await expect(home.getByRole('dialog').getByRole('textbox', { name: 'Name' })).toHaveValue('terraform');
});

test('the log verifies, filters and follows', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await vault.go('Activity');
  await expect(home.getByRole('option', { name: /Account added/ })).toBeVisible();
  await home.getByRole('button', { name: 'Requests' }).click();
  await expect(home.getByText('No entry matches.')).toBeVisible();
  await home.getByRole('button', { name: 'Clear search and filters' }).click();
  await daemon.call('account.add', { name: 'late', accountId: '123456789013', kind: 'remote' });
  await expect(home.getByRole('option', { name: /Account added late/ })).toBeVisible();
  await home.getByRole('button', { name: 'Verify' }).click();
  await expect(home.getByText('The log is whole')).toBeVisible();
});

test('settings change, the vault checks, and a second recovery code can be made', async ({ home, daemon }) => {
  await vaultPage(home).go('Settings');
  await home.getByRole('button', { name: /After 15 minutes|After \d+ minutes/ }).click();
  await home.getByRole('option', { name: 'After 5 minutes' }).click();
  await expect.poll(async () => (await daemon.call('settings.get', {})).autoLockMinutes).toBe(5);
  await home.getByRole('button', { name: /Theme$/ }).click();
  await home.getByRole('option', { name: 'Dark' }).click();
  await expect(home.locator('html')).toHaveClass(/dark/);
  await home.getByRole('button', { name: 'Check the vault' }).click();
  await expect(home.getByText('The vault is whole')).toBeVisible();
  await home.getByRole('button', { name: 'Done' }).click();
  await home.getByRole('button', { name: 'New recovery code…' }).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByLabel('Present password', { exact: true }).fill('not the password');
  await dialog.getByRole('button', { name: 'Make the code' }).click();
  await expect(dialog.getByText('This is not the password of the vault.')).toBeVisible();
  await dialog.getByLabel('Present password', { exact: true }).fill(VAULT_PASSWORD);
  await dialog.getByRole('button', { name: 'Make the code' }).click();
  await expect(dialog.getByRole('list', { name: 'Recovery code' })).toBeVisible();
  expect((await daemon.call('slot.list', {})).slots).toHaveLength(3);
});

test('the password can be changed; the old one no longer opens the vault', async ({ home }) => {
  const vault = vaultPage(home);
  const gate = gatePage(home);
  const next = 'quartz meadow lantern bicycle 83';
  await vault.go('Settings');
  await home.getByRole('button', { name: 'Change password…' }).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByLabel('Present password', { exact: true }).fill(VAULT_PASSWORD);
  await dialog.getByLabel('New password', { exact: true }).fill(next);
  await dialog.getByLabel('Repeat new password', { exact: true }).fill(next);
  await dialog.getByRole('button', { name: 'Change password' }).click();
  await expect(home.getByText('The password was changed.')).toBeVisible();
  await vault.lock();
  await gate.unlock(VAULT_PASSWORD);
  await expect(home.getByText(/This password does not open the vault/)).toBeVisible();
  await gate.unlock(next);
  await expect(home.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
});

test('a daemon that goes away is said, and the page forgets nothing it shows', async ({ home, daemon }) => {
  await vaultPage(home).go('Accounts');
  await daemon.kill();
  await expect(home.getByText('Keyhold is not answering.')).toBeVisible();
  await expect(home.getByRole('button', { name: 'Reconnect now' })).toBeVisible();
  await expect(home.getByRole('heading', { name: 'Accounts', level: 1 })).toBeVisible();
});

test('when the HSM process ends, the page says so and asks for the password', async ({ home, daemon }) => {
  const { execFileSync } = await import('node:child_process');
  const children = execFileSync('pgrep', ['-P', String(daemon.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const child of children) process.kill(Number(child), 'SIGKILL');
  await expect(home.getByRole('heading', { name: 'Unlock your vault' })).toBeVisible();
  await expect(home.getByText('The HSM process ended', { exact: true })).toBeVisible();
  await gatePage(home).unlock(VAULT_PASSWORD);
  await expect(home.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
});
