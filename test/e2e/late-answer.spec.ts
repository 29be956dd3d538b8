import { sampleVault } from '../support/fake-contract.ts';
import { expect, test } from './pages/over-vault.ts';
import { vaultPage } from './pages/vault-page.ts';

test('an answer that comes after the ciphertext was changed is not shown beside the new one', async ({
  page,
  over,
}) => {
  const contract = await over(sampleVault(8));
  const asked = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const { call } = contract;
  contract.call = async (method, params, ...rest) => {
    if (Object(params).operation !== 'Decrypt') return call(method, params, ...rest);
    asked.resolve();
    await letGo.promise;
    answered.resolve();
    return { output: { Plaintext: Buffer.from('the old secret').toString('base64'), KeyId: 'arn' } };
  };
  await vaultPage(page).go('Encrypt');
  const encrypt = page.getByRole('region', { name: 'Encrypt', exact: true });
  const decrypt = page.getByRole('region', { name: 'Decrypt', exact: true });
  await encrypt.getByRole('textbox', { name: 'What to encrypt' }).fill('the old secret');
  await encrypt.getByRole('button', { name: 'Encrypt', exact: true }).click();
  await expect(encrypt.getByText('Made before the form was changed.')).toBeHidden();
  await encrypt.getByRole('button', { name: 'Decrypt it' }).click();
  await encrypt.getByRole('textbox', { name: 'What to encrypt' }).fill('another');
  await expect(encrypt.getByText('Made before the form was changed.')).toBeVisible();

  await decrypt.getByRole('button', { name: 'Decrypt', exact: true }).click();
  await asked.promise;
  await decrypt.getByRole('textbox', { name: /Ciphertext/ }).fill('AQIDBA==');
  letGo.resolve();
  await answered.promise;
  await expect(decrypt.getByRole('button', { name: 'Decrypt', exact: true })).toBeEnabled();
  await expect(decrypt.getByText('Plaintext')).toBeHidden();
});
