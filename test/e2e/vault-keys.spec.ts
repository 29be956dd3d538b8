import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { vaultPage } from './pages/vault-page.ts';

test('the vault gets a new root key, tools get new client keys, and the door a new authority', async ({
  home,
  daemon,
}) => {
  const page = home;
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: 'eu-central-1' });
  const before = await daemon.addClient({ name: 'terraform', profile: 'lab', principal: { type: 'root' } });
  const { dialog, go } = vaultPage(page);
  await go('Settings');
  const group = page.getByRole('region', { name: 'Vault keys' });
  await expect(group.getByText(/All \d+ records are sealed under it/)).toBeVisible();
  await expectAccessible(page, 'settings with vault keys');

  await group.getByRole('button', { name: 'New root key…' }).press('Enter');
  await dialog.getByLabel('Password', { exact: true }).fill('not the password');
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(
    /not the password of the vault/,
  );
  await dialog.getByLabel('Password', { exact: true }).fill(VAULT_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('heading', { name: 'Your new recovery code' })).toBeVisible();
  const groups = await dialog.getByTestId('recovery-code').locator('[data-group]').allInnerTexts();
  await page.keyboard.press('Enter');
  for (const field of await dialog.getByRole('textbox').all()) {
    const label = await field.evaluate((input: HTMLInputElement) => input.labels?.[0]?.innerText ?? '');
    await field.fill(groups[Number(label.replace('Group ', '')) - 1] ?? '');
  }
  await page.keyboard.press('Enter');

  const ways = dialog.getByRole('list', { name: 'Ways in' });
  await expect(ways.getByText('stays', { exact: true })).toHaveCount(2);
  await expect(ways.getByText('given up', { exact: true })).toHaveCount(1);
  await expectAccessible(page, 'ways in');
  await dialog.getByRole('button', { name: 'Next' }).press('Enter');
  await expect(dialog.getByText('opens nothing any more')).toBeVisible();

  await expect(dialog.getByRole('button', { name: 'Keep the present key' })).toBeFocused();
  await expectAccessible(page, 'the last question');
  await dialog.getByRole('button', { name: 'Change the root key' }).press('Enter');
  await expect(dialog).toBeHidden();
  await expect(group.getByText('Made just now.')).toBeVisible();
  await expect(group.getByText(/All \d+ records are sealed under it/)).toBeVisible();
  const { slots } = await daemon.call('slot.list', {});
  expect(slots.map(({ factors }) => factors.join()).sort()).toEqual(['password', 'recovery-code']);

  await group.getByRole('button', { name: 'New client keys…' }).press('Enter');
  await expect(dialog.getByRole('button', { name: 'Make new keys' })).toBeDisabled();
  await dialog.getByRole('checkbox', { name: /^terraform/ }).press('Space');
  await dialog.getByRole('button', { name: 'Make 1 new key' }).press('Enter');
  const made = dialog.getByRole('region', { name: 'terraform' });
  await expect(made.getByText(/^works on, ends in 24 h|^works on, ends in 1 d/)).toBeVisible();
  await expectAccessible(page, 'new client keys');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  const { clients } = await daemon.call('client.list', {});
  expect(clients.find(({ name }) => name === 'terraform')?.accessKeyId).not.toBe(before.accessKeyId);

  await group.getByRole('button', { name: 'New authority…' }).press('Enter');
  const asked = page.getByRole('alertdialog');
  await expect(asked.getByRole('button', { name: 'Keep the present one' })).toBeFocused();
  await asked.getByRole('button', { name: 'Make a new one' }).press('Enter');
  await expect(dialog.getByText(/It is valid until/)).toBeVisible();
  await expectAccessible(page, 'a new authority');
  const saved = page.waitForEvent('download');
  await page.keyboard.press('Enter');
  expect((await saved).suggestedFilename()).toBe('keyhold-ca.pem');
});
