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

test('a policy that is saved while another tab is looked at is no draft any more; one that is refused stays one', async ({
  page,
  over,
}) => {
  const contract = await over(sampleVault(8));
  const { call } = contract;
  const answers: PromiseWithResolvers<void>[] = [];
  contract.call = async (method, params, ...rest) => {
    if (Object(params).operation === 'PutKeyPolicy') {
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      await answer.promise;
    }
    return call(method, params, ...rest);
  };
  const kms = kmsPage(page);
  await vaultPage(page).go('KMS keys');
  await page.getByRole('option').filter({ hasNotText: 'aws/' }).first().click();
  const editor = page.getByRole('textbox', { name: 'Policy document' });
  const save = async (text: string, { asked }: { asked: number }) => {
    await kms.tab('Policy');
    await page.getByRole('radio', { name: 'JSON' }).click();
    await editor.fill(text);
    await page.getByRole('button', { name: 'Save the policy' }).click();
    await expect.poll(() => answers.length, 'the policy is put').toBe(asked);
    await kms.tab('Overview');
    await expect(page.getByRole('tab', { name: 'Policy (not saved)' })).toBeVisible();
  };

  await save('{"Version":"2012-10-17","Statement":[],"Id":"one"}', { asked: 1 });
  answers[0]?.resolve();
  await expect(page.getByText('The key policy is in force.')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Policy', exact: true })).toBeVisible();

  await save('{"Version":"2012-10-17","Statement":[],"Id":"two"}', { asked: 2 });
  answers[1]?.reject(new KeyholdError('ServiceRefused', 'The new policy would lock you out.'));
  await expect(page.getByText('The new policy would lock you out.')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Policy (not saved)' })).toBeVisible();
  await kms.tab('Policy');
  await expect(editor).toHaveValue('{"Version":"2012-10-17","Statement":[],"Id":"two"}');
});
