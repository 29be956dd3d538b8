import type { Page } from '@playwright/test';
import { KeyholdError } from '../../src/contract/errors.ts';
import { type FakeContract, sampleVault } from '../support/fake-contract.ts';
import { expect, test } from './pages/over-vault.ts';
import { vaultPage } from './pages/vault-page.ts';

/** Removes access keys as `before` lets it; answers the names that were asked for, in order. */
function takeRemovals(contract: FakeContract, before: (name: string) => Promise<void> | void): string[] {
  const asked: string[] = [];
  const { call } = contract;
  contract.call = async (method, params, ...rest) => {
    if (method !== 'key.remove') return call(method, params, ...rest);
    const name = String(Object(params).name);
    asked.push(name);
    await before(name);
    contract.vault.keys = contract.vault.keys.filter((key) => key.name !== name);
    return {};
  };
  return asked;
}

function freeKeys(count: number): ReturnType<typeof sampleVault> {
  const vault = sampleVault(8);
  const [sample] = vault.keys;
  if (sample === undefined) throw new Error('the fake vault has no key');
  vault.keys = Array.from({ length: count }, (_, index) => ({
    ...sample,
    id: `2${index}`.padEnd(32, 'f'),
    name: `free-${index}`,
    profiles: [],
  }));
  return vault;
}

async function askToRemoveAll(page: Page): Promise<void> {
  await vaultPage(page).go('Access keys');
  await page.getByRole('listbox', { name: 'Access keys' }).focus();
  await page.keyboard.press('Control+a');
  await page
    .getByRole('toolbar')
    .getByRole('button', { name: /^Remove/ })
    .click();
}

test('one of several that is refused stays in the dialog alone, and the others are removed', async ({ page, over }) => {
  const contract = await over(freeKeys(3));
  let refusing = true;
  const asked = takeRemovals(contract, (name) => {
    if (refusing && name === 'free-0') throw new KeyholdError('InUse', 'Something holds it.');
  });
  await askToRemoveAll(page);
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('button', { name: 'Remove 3 access keys' }).click();
  await expect(dialog.getByRole('heading')).toHaveText('Remove access key “free-0”?');
  await expect(dialog.getByRole('alert')).toContainText('“free-0”: Something holds it.');
  await expect(page.getByText('Removed 2 access keys.')).toBeVisible();
  refusing = false;
  await dialog.getByRole('button', { name: 'Remove access key' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Removed access key “free-0”.')).toBeVisible();
  // What is gone is chosen no longer: the rows that are left have no boxes.
  const [sample] = freeKeys(1).keys;
  if (sample === undefined) throw new Error('no key');
  contract.vault.keys = [{ ...sample, id: '2'.padEnd(32, 'e'), name: 'newcomer' }];
  contract.emit({ type: 'changed', what: ['keys'] });
  const row = page.getByRole('option', { name: /newcomer/ });
  await expect(row).toBeVisible();
  await page.getByRole('heading', { name: 'Access keys', level: 1 }).hover();
  await expect(row.locator('[data-tick]')).toBeHidden();
  expect(asked).toEqual(['free-0', 'free-1', 'free-2', 'free-0']);
});

test('closing the dialog ends it after the one under way, and closes no other', async ({ page, over }) => {
  const contract = await over(freeKeys(3));
  const first = Promise.withResolvers<void>();
  const asked = takeRemovals(contract, () => first.promise);
  await askToRemoveAll(page);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove 3 access keys' }).click();
  await expect(page.getByRole('button', { name: 'Removing 1 of 3…' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('alertdialog')).toBeHidden();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Shortcuts' });
  await expect(help).toBeVisible();
  first.resolve();
  await expect(page.getByText('Removed access key “free-0”; 2 not, as the dialog was closed.')).toBeVisible();
  await expect(help).toBeVisible();
  expect(asked).toEqual(['free-0']);
});

test('a secret that is on its way is waited for', async ({ page, over }) => {
  const contract = await over(sampleVault(8));
  const asked = Promise.withResolvers<void>();
  const refusal = Promise.withResolvers<void>();
  const { call } = contract;
  contract.call = async (method, params, ...rest) => {
    if (method !== 'client.add') return call(method, params, ...rest);
    asked.resolve();
    await refusal.promise;
    throw new KeyholdError('AlreadyExists', 'There is a client of that name.');
  };
  await vaultPage(page).go('Clients');
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog', { name: 'Add a client' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('terraform');
  await dialog.getByRole('button', { name: /Profile/ }).click();
  await page.getByRole('listbox', { name: 'Profile' }).getByRole('option').first().click();
  await dialog.getByRole('button', { name: 'Add client' }).click();
  await asked.promise;
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeVisible();
  refusal.resolve();
  await expect(dialog.getByText('There is a client of that name.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
