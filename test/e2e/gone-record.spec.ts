import { sampleVault } from '../support/fake-contract.ts';
import { expect, test } from './pages/over-vault.ts';
import { vaultPage } from './pages/vault-page.ts';

test('from a record that is gone one comes to the first of those that are there', async ({ page, over }) => {
  const contract = await over(sampleVault(8));
  await vaultPage(page).go('Access keys');
  const list = page.getByRole('listbox', { name: 'Access keys' });
  const rows = list.getByRole('option');
  const removeOpen = async () => {
    const name = await rows.nth(2).locator('.font-medium').first().innerText();
    await rows.nth(2).click();
    await page
      .getByRole('article', { name: `Access key ${name}`, exact: true })
      .getByRole('button')
      .first()
      .focus();
    contract.vault.keys = contract.vault.keys.filter((key) => key.name !== name);
    contract.emit({ type: 'changed', what: ['keys'] });
    await expect(page.getByRole('article', { name: 'No longer here' })).toBeFocused();
  };

  await removeOpen();
  await page.getByRole('button', { name: 'Choose another' }).click();
  await expect(list).toBeFocused();
  await expect(rows.first()).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('article', { name: /^Access key / })).toBeVisible();

  await removeOpen();
  await page.keyboard.press('Escape');
  await expect(list).toBeFocused();
  await expect(rows.first()).toHaveAttribute('aria-current', 'true');

  // Where the search leaves none to choose from, it is the search that has to change.
  await removeOpen();
  const search = page.getByRole('searchbox', { name: 'Search access keys' });
  await search.fill('no such key');
  await page.getByRole('button', { name: 'Choose another' }).click();
  await expect(search).toBeFocused();
});

test('the focus is not lost when several are removed and the open one is the first', async ({ page, over }) => {
  const contract = await over(sampleVault(8));
  const { call } = contract;
  const second = Promise.withResolvers<void>();
  let removed = 0;
  contract.call = async (method, params, ...rest) => {
    if (method !== 'key.remove') return call(method, params, ...rest);
    if (removed === 1) await second.promise;
    removed += 1;
    const { name } = Object(params);
    contract.vault.keys = contract.vault.keys.filter((key) => key.name !== name);
    contract.emit({ type: 'changed', what: ['keys'] });
    return {};
  };
  await vaultPage(page).go('Access keys');
  const list = page.getByRole('listbox', { name: 'Access keys' });
  const count = await list.getByRole('option').count();
  await list.getByRole('option').first().click();
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowUp');
  const bar = page.getByRole('toolbar', { name: 'Actions for the selected rows' });
  await bar.getByRole('button', { name: 'Remove…' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByText('Remove these too').click();
  await dialog.getByRole('button', { name: 'Remove 2 access keys' }).click();
  // The open one is gone while the dialog still has the focus.
  await expect(
    page.locator('article').getByRole('heading', { name: /is no longer here$/, includeHidden: true }),
  ).toHaveCount(1);
  second.resolve();
  await expect(dialog).toHaveCount(0);
  await expect(bar).toHaveCount(0);
  await expect(list.getByRole('option')).toHaveCount(count - 2);
  await expect(page.getByRole('article', { name: 'No longer here' })).toBeFocused();
});
