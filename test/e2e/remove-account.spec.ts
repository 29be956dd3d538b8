import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';
import { expect, test } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { vaultPage } from './pages/vault-page.ts';

test('an account is removed without its keys in tokens, unless they are to be destroyed', async ({ page }) => {
  const vault = sampleVault(8);
  for (const key of vault.kmsKeys.slice(0, 2)) key.origin = 'AWS_CLOUDHSM';
  const shell = await startFakePage(vault);
  const fates: unknown[] = [];
  page.on('request', (request) => {
    if (request.postData()?.includes('"account.remove"') === true) fates.push(request.postDataJSON().params.tokenKeys);
  });
  try {
    await page.goto(shell.open());
    await vaultPage(page).go('Accounts');
    await page.getByRole('option', { name: /^sandbox/ }).click();
    await page.getByRole('button', { name: 'Remove…' }).press('Enter');
    const asked = page.getByRole('alertdialog');
    await expect(asked).toContainText('No account file holds them. Left in the token, they are there for the account');
    await expectAccessible(page, 'remove an account with keys in tokens');
    await asked.getByRole('checkbox', { name: 'Remove these too' }).press('Space');
    const remove = asked.getByRole('button', { name: 'Remove account' });
    await remove.press('Enter');
    // The sample refuses it, and what was chosen can be chosen again.
    await expect(asked.getByRole('alert')).toBeVisible();
    await asked.getByRole('checkbox', { name: 'Destroy 2 keys in tokens, for good' }).press('Space');
    await remove.press('Enter');
    await expect.poll(() => fates).toEqual(['keep', 'destroy']);
  } finally {
    await shell.stop();
  }
});
