import { KeyholdError } from '../../src/contract/errors.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { kmsPage } from './pages/kms-page.ts';
import { expect, test } from './pages/over-vault.ts';
import { vaultPage } from './pages/vault-page.ts';

test('a policy that is being written is there again after other tabs and other keys', async ({ page, over }) => {
  await over(sampleVault(8));
  const kms = kmsPage(page);
  await vaultPage(page).go('KMS keys');
  const own = page.getByRole('option').filter({ hasNotText: 'aws/' });
  await own.first().click();
  await kms.tab('Policy');
  await page.getByRole('radio', { name: 'JSON' }).click();
  const editor = page.getByRole('textbox', { name: 'Policy document' });
  await editor.fill('{"Version":"2012-10-17","Statement":[]}');
  await kms.tab('Overview');
  await expect(page.getByRole('tab', { name: 'Policy (not saved)' })).toBeVisible();
  await own.nth(1).click();
  await expect(page.getByRole('tab', { name: 'Policy', exact: true })).toBeVisible();
  await own.first().click();
  await kms.tab('Policy');
  await expect(editor).toHaveValue('{"Version":"2012-10-17","Statement":[]}');
  await page.getByRole('button', { name: 'Discard changes' }).click();
  await expect(page.getByRole('tab', { name: 'Policy', exact: true })).toBeVisible();
});

test('an undo that is refused says so', async ({ page, over }) => {
  const contract = await over(sampleVault(8));
  const { call } = contract;
  contract.call = async (method, params, ...rest) => {
    const { operation } = Object(params);
    if (operation === 'DeleteAlias') return { output: {} };
    if (operation === 'CreateAlias') throw new KeyholdError('ServiceRefused', 'The alias is taken by now.');
    return call(method, params, ...rest);
  };
  await vaultPage(page).go('KMS keys');
  await page.getByRole('option').filter({ hasNotText: 'aws/' }).first().click();
  await page
    .getByRole('button', { name: /^Remove alias\// })
    .first()
    .click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('The alias is taken by now.')).toBeVisible();
});
