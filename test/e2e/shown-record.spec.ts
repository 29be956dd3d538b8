import { sampleVault } from '../support/fake-contract.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { expect, test } from './pages/over-vault.ts';
import { vaultPage } from './pages/vault-page.ts';

test('a record that another client removes is said to be gone, and none takes its place', async ({ page, over }) => {
  const contract = await over(sampleVault(8));
  await vaultPage(page).go('Access keys');
  const rows = page.getByRole('listbox', { name: 'Access keys' }).getByRole('option');
  const row = rows.nth(2);
  const name = await row.locator('.font-medium').first().innerText();
  await row.click();
  await expect(page.getByRole('article', { name: `Access key ${name}`, exact: true })).toBeVisible();
  await page.getByRole('article').getByRole('button').first().focus();

  contract.vault.keys = contract.vault.keys.filter((key) => key.name !== name);
  contract.emit({ type: 'changed', what: ['keys'] });
  const gone = page.getByRole('article', { name: 'No longer here' });
  await expect(gone.getByRole('heading')).toHaveText(`Access key ${name} is no longer here`);
  await expect(gone).toBeFocused();
  await expectAccessible(page, 'a record that is gone');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('article', { name: /^Access key / })).toBeVisible();
});

test('what is shown without having been asked for stays when a row comes before it', async ({ page, over }) => {
  const contract = await over(sampleVault(8));
  await vaultPage(page).go('Access keys');
  const article = page.getByRole('article', { name: /^Access key / });
  const label = await article.getAttribute('aria-label');
  const [first] = contract.vault.keys;
  if (first === undefined) throw new Error('the fake vault has no key');
  contract.vault.keys.push({ ...first, id: '2'.padEnd(32, 'f'), name: '0-before-all' });
  contract.emit({ type: 'changed', what: ['keys'] });
  await expect(page.getByRole('option', { name: /0-before-all/ })).toBeVisible();
  expect(await article.getAttribute('aria-label')).toBe(label);

  await vaultPage(page).go('Activity');
  const entry = page.getByRole('article', { name: 'Entry' });
  const shown = await entry.innerText();
  const [event] = contract.vault.events;
  if (event === undefined) throw new Error('the fake vault has no event');
  const fresh = { ...event, id: '9'.padEnd(32, 'f'), time: new Date().toISOString(), action: 's3:FreshlyMade' };
  contract.vault.events.push(fresh);
  contract.emit({ type: 'audit', event: fresh });
  await expect(page.getByRole('option').first()).toContainText('FreshlyMade');
  expect(await entry.innerText()).toBe(shown);
});

test('the palette leads to a key of the Region that was left by hand', async ({ page, over }) => {
  const vault = sampleVault(8);
  const [one, two, far] = vault.kmsKeys;
  if (one === undefined || two === undefined || far === undefined) throw new Error('the fake vault has too few keys');
  Object.assign(one, { aliases: ['alias/one'] });
  Object.assign(two, { aliases: ['alias/two'] });
  Object.assign(far, { aliases: ['alias/far'], region: 'us-east-1' });
  await over(vault);
  await vaultPage(page).go('KMS keys');
  await page.getByRole('option', { name: /^one\b/ }).click();
  await page.getByRole('button', { name: /Region$/ }).click();
  await page.getByRole('option', { name: /^us-east-1/ }).click();
  await expect(page.getByRole('article', { name: 'KMS key far' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('two');
  await page.getByRole('option', { name: /^two/ }).click();
  await expect(page.getByRole('article', { name: 'KMS key two' })).toBeVisible();
});
