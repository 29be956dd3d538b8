import { expect, test } from './fixtures.ts';
import { vaultPage } from './pages/vault-page.ts';

test('the wizard has SM2 in a China Region alone, and says that nobody has audited it', async ({ home, daemon }) => {
  const dialog = home.getByRole('dialog');
  const sm2 = dialog.getByRole('radio', { name: /^SM2 not independently audited/ });
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: 'cn-north-1' });
  await vaultPage(home).go('KMS keys');
  await home.getByRole('button', { name: 'Create', exact: true }).click();
  await dialog.getByText('Sign, and check signatures').click();
  await dialog.getByRole('button', { name: 'Next: kind' }).click();
  await dialog.getByText('SM2DSA with SM3').click();
  await expect(sm2).toBeChecked();
  await dialog.getByRole('button', { name: 'Next: name' }).click();
  await dialog.getByRole('button', { name: 'Next: policy' }).click();
  await dialog.getByRole('button', { name: 'Next: review' }).click();
  await dialog.getByRole('button', { name: 'Create the key' }).click();
  await expect(home.getByRole('article').getByText('Elliptic curve, SM2', { exact: true })).toBeVisible();

  await home.getByRole('button', { name: /cn-north-1/ }).click();
  await home.getByRole('option', { name: /eu-central-1/ }).click();
  await home.getByRole('button', { name: 'Create', exact: true }).click();
  await dialog.getByText('Sign, and check signatures').click();
  await dialog.getByRole('button', { name: 'Next: kind' }).click();
  await expect(dialog.getByRole('radio', { name: /^NIST P-256/ })).toBeVisible();
  await expect(sm2).toHaveCount(0);
});
