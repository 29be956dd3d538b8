import { mkdirSync, readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';

const OFFICER_PASSWORD = 'granite otter velvet 82 lagoon';
const pictures = process.env['KEYHOLD_PICTURES'] !== undefined;

async function shot(page: Page, name: string): Promise<void> {
  if (!pictures) return;
  mkdirSync('test-results/pictures', { recursive: true });
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.waitForTimeout(300);
    await page.screenshot({ path: `test-results/pictures/hsm-users-${name}-${scheme}.png` });
  }
}

async function choosePassword(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password of the user', { exact: true }).fill(OFFICER_PASSWORD);
  await dialog.getByLabel('Repeat password of the user', { exact: true }).fill(OFFICER_PASSWORD);
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test('HSM users, from nobody to an approved change', async ({ home: page }) => {
  test.setTimeout(180_000);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: 'HSM' }).click();
  const panel = page.getByRole('region', { name: 'Users', exact: true });
  await expect(panel).toContainText('the owner of the vault does everything');
  await panel.scrollIntoViewIfNeeded();
  await shot(page, 'empty');
  await expectAccessible(page);

  await panel.getByRole('button', { name: 'Make the first officer' }).click();
  await page.keyboard.type('alice');
  await choosePassword(page);
  await page.getByLabel('Password of the vault', { exact: true }).fill('not it');
  await page.getByRole('button', { name: 'Make the officer' }).click();
  await expect(page.getByRole('dialog')).toContainText('The password or recovery code is wrong.');
  await expect(page.getByRole('dialog')).toContainText('The vault has 1 recovery code.');
  await shot(page, 'first');
  await page.getByLabel('Password of the vault', { exact: true }).fill(VAULT_PASSWORD);
  await page.getByRole('button', { name: 'Make the officer' }).click();
  await expect(panel.getByRole('listitem')).toContainText(['alice']);

  await panel.getByRole('button', { name: 'Log in' }).click();
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('That is not the name and password of an HSM user.');
  await page.keyboard.type(OFFICER_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('button', { name: 'Log out alice' })).toBeVisible();

  await panel.getByRole('button', { name: 'Add a user' }).click();
  await page.keyboard.type('bob');
  await choosePassword(page);
  await shot(page, 'add');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Add the user' }).click();
  await expect(panel.getByRole('listitem')).toContainText(['alice', 'bob']);

  await panel.getByRole('button', { name: 'Quorum…' }).click();
  await page.getByRole('button', { name: /To destroy or export key material/ }).click();
  await page.getByRole('option', { name: '2 of 2 officers' }).click();
  await shot(page, 'quorum');
  await page.getByRole('button', { name: 'Set the quorum' }).click();
  await expect(panel).toContainText('Destroying and exporting keys: 2 of 2 officers');
  await expect(panel).toContainText('managing officers and the quorum: 2 of 2 officers');

  await panel.getByRole('button', { name: 'Quorum…' }).click();
  await page.getByRole('button', { name: /To destroy or export key material/ }).click();
  await page.getByRole('option', { name: '1 of 2 officers' }).click();
  await page.getByRole('button', { name: 'Set the quorum' }).click();
  await expect(page.getByRole('dialog')).toContainText('2 crypto officers have to approve this');
  await shot(page, 'refused');
  await page.getByRole('button', { name: 'Ask them' }).click();
  const waiting = panel.getByRole('list', { name: 'Waiting for approval' });
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(waiting).toContainText('set the quorum for keys to 1');
  for (const officer of ['alice', 'bob']) {
    await waiting.getByRole('button', { name: 'Approve…' }).click();
    await expect(page.getByRole('dialog').getByRole('button', { name: new RegExp(officer) })).toBeVisible();
    if (officer === 'alice') {
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save the token’s file' }).click();
      const file = JSON.parse(readFileSync(await (await saved).path(), 'utf8'));
      expect(file).toMatchObject({ version: 1, description: 'set the quorum for keys to 1', signatures: [] });
      await page.getByLabel(/^Password/).focus();
    }
    await page.keyboard.type(OFFICER_PASSWORD);
    if (officer === 'alice') await shot(page, 'approve');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    if (officer === 'alice') {
      await panel.scrollIntoViewIfNeeded();
      await shot(page, 'waiting');
      await expectAccessible(page);
    }
  }
  await expect(waiting).toContainText('approved');
  await panel.getByRole('button', { name: 'Quorum…' }).click();
  await page.getByRole('button', { name: /To destroy or export key material/ }).click();
  await page.getByRole('option', { name: '1 of 2 officers' }).click();
  await page.getByRole('button', { name: 'Set the quorum' }).click();
  await expect(panel).toContainText('Destroying and exporting keys: 1 of 2 officers');

  await panel.getByRole('button', { name: 'Require a touch… (approvals for keys)' }).click();
  await expect(page.getByRole('dialog', { name: 'Touch for approvals for keys' })).toContainText('No security key is');
  await shot(page, 'touch');
  await expectAccessible(page);
  await page.keyboard.press('Escape');

  await panel.getByRole('button', { name: 'Remove…' }).last().click();
  await shot(page, 'remove');
  await page.keyboard.press('Escape');
  await panel.getByRole('button', { name: 'Log out alice' }).click();
  await expect(panel.getByRole('button', { name: 'Add a user' })).toHaveCount(0);
});

test('an officer who is logged in adds a recovery code', async ({ home: page }) => {
  await page.getByRole('link', { name: 'HSM' }).click();
  const panel = page.getByRole('region', { name: 'Users', exact: true });
  await panel.getByRole('button', { name: 'Make the first officer' }).click();
  await page.keyboard.type('alice');
  await choosePassword(page);
  await page.getByLabel('Password of the vault', { exact: true }).fill(VAULT_PASSWORD);
  await page.getByRole('button', { name: 'Make the officer' }).click();
  await panel.getByRole('button', { name: 'Log in' }).click();
  await page.keyboard.type(OFFICER_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('button', { name: 'Log out alice' })).toBeVisible();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'New recovery code…' }).click();
  await page.getByLabel('Present password', { exact: true }).fill(VAULT_PASSWORD);
  await page.getByRole('button', { name: 'Make the code' }).click();
  await expect(page.getByRole('dialog').getByRole('list', { name: 'Recovery code' })).toBeVisible();
});

test('the unlock page says what does not verify', async ({ page }) => {
  const lockDetail =
    'The vault was changed from outside (record object 4f1d2c3b…: edited). Restore a backup you trust with "keyhold hsm restore".';
  const vault = sampleVault(3);
  vault.state = 'locked';
  vault.status = { lockReason: 'tampered', lockDetail };
  const shell = await startFakePage(vault);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(shell.open());
  await expect(page.getByText('so the HSM has stopped')).toBeVisible();
  await expect(page.getByText(lockDetail)).toBeVisible();
  await shot(page, 'tampered');
  await expectAccessible(page);
  await shell.stop();
});

test('a quorum with several users, at the narrowest', async ({ fake }) => {
  const page = await fake(8);
  await page.setViewportSize({ width: 900, height: 600 });
  await page.getByRole('link', { name: 'HSM' }).click();
  const panel = page.getByRole('region', { name: 'Users', exact: true });
  await expect(panel.getByRole('list', { name: 'Waiting for approval' })).toContainText('approved by grace');
  await expect(panel.getByRole('list', { name: 'Touch to approve' })).toContainText('Each use wants a touch of any');
  await panel.scrollIntoViewIfNeeded();
  await shot(page, 'several');
  await expectAccessible(page);
});
