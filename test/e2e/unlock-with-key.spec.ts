import type { Page } from '@playwright/test';
import { enrolKey } from '../support/enrol-key.ts';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { securityKeysPage } from './pages/security-keys-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const PIN = '246813';
const unlocked = (page: Page) => page.getByRole('navigation', { name: 'Screens' });

test('the page of a vault without keys offers what it always did', async ({ keyed }) => {
  const { page } = keyed;
  await vaultPage(page).lock();
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Use the recovery code instead' })).toBeVisible();
  await expect(page.getByRole('radio')).toHaveCount(0);
});

test('with the keyboard alone: plugs in, types the PIN wrong and right, is too late, pulls out, touches', async ({
  keyed,
}) => {
  const { page, daemon, keys } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('blue', 'plug');
  await enrolKey({ daemon, password: VAULT_PASSWORD, name: 'blue', pin: PIN, opens: 'alone' });
  await keys.act('blue', 'unplug');
  await keys.act('blue', 'wait');
  await vaultPage(page).lock();
  await expect(page.getByRole('radio', { name: 'Security key' })).toBeVisible();
  await expectAccessible(page, 'unlock, choice');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Plug in your security key')).toBeVisible();
  await expectAccessible(page, 'unlock, insert');
  await keys.act('blue', 'plug');
  await expect(screen.pin).toBeFocused();
  await expectAccessible(page, 'unlock, PIN');
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This PIN is wrong. 7 tries left before the key blocks it.')).toBeVisible();
  await expect(screen.pin).toBeFocused();
  await expectAccessible(page, 'unlock, wrong PIN');

  await page.keyboard.type(PIN);
  await page.keyboard.press('Enter');
  await expect(screen.touch).toBeVisible();
  await expectAccessible(page, 'unlock, touch');
  await page.keyboard.press('Escape');
  await expect(screen.touch).toBeHidden();
  await expect.poll(async () => (await keys.act('blue', 'look')).awaitsTouch).toBe(false);

  await screen.pin.fill(PIN);
  await page.keyboard.press('Enter');
  await expect(screen.touch).toBeVisible();
  await keys.act('blue', 'unplug');
  await expect(page.getByText('The key was pulled out')).toBeVisible();
  await expect(page.getByText('Plug in your security key')).toBeVisible();
  await keys.act('blue', 'plug');
  await screen.pin.fill(PIN);
  await page.keyboard.press('Enter');
  await expect(screen.touch).toBeVisible();
  await keys.act('blue', 'press');
  await expect(unlocked(page)).toBeVisible();
});

test('three wrong PINs want the key plugged in again, and it says so until it was', async ({ keyed }) => {
  const { page, daemon, keys } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('blue', 'plug');
  await enrolKey({ daemon, password: VAULT_PASSWORD, name: 'blue', pin: PIN, opens: 'alone' });
  await vaultPage(page).lock();
  await page.getByRole('radio', { name: 'Security key' }).click();
  for (const left of [7, 6]) {
    await screen.pin.fill('000000');
    await page.keyboard.press('Enter');
    await expect(page.getByText(`This PIN is wrong. ${left} tries left before the key blocks it.`)).toBeVisible();
  }
  await screen.pin.fill('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Take the key out and plug it in again')).toBeVisible();
  await expectAccessible(page, 'unlock, plug in again');
  await keys.act('blue', 'unplug');
  await keys.act('blue', 'plug');
  await screen.pin.fill(PIN);
  await page.keyboard.press('Enter');
  await expect(unlocked(page)).toBeVisible();
});

test('two keys are told apart, one that another program holds says so, and a stranger’s key is refused', async ({
  keyed,
}) => {
  const { page, daemon, keys } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('blue', 'plug');
  await enrolKey({ daemon, password: VAULT_PASSWORD, name: 'blue', pin: PIN, opens: 'alone' });
  await keys.act('red', 'plug');
  await vaultPage(page).lock();
  await page.getByRole('radio', { name: 'Security key' }).click();
  const which = page.getByRole('radiogroup', { name: 'Which security key?' });
  await expect(which.getByRole('radio')).toHaveCount(2);
  await expectAccessible(page, 'unlock, two keys');
  await page.getByText('Emulated Red Key (R1)').click();
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(page.getByText('This key is not set up for it')).toBeVisible();

  await keys.act('blue', 'hold');
  await page.getByText('Emulated Blue Key (B1)').click();
  await expect(page.getByText('Another program holds this key')).toBeVisible();
  await expectAccessible(page, 'unlock, held');
  await keys.act('blue', 'release');
  await page.getByRole('button', { name: 'Try again' }).click();
  await screen.pin.fill(PIN);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(unlocked(page)).toBeVisible();
});

test('a YubiKey’s challenge-response is added with a password, and opens the vault with it', async ({ keyed }) => {
  const { page, keys } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('yubikey', 'plug');
  await vaultPage(page).go('Settings');
  await page.getByRole('button', { name: 'Add a security key…' }).click();
  await screen.dialog.getByText('Challenge-response of a YubiKey').click();
  await screen.dialog.getByText('With the key alone').click();
  await expect(screen.dialog.getByRole('button', { name: 'Let it open the vault' })).toBeDisabled();
  await expectAccessible(page, 'challenge-response alone');
  await screen.dialog.getByText('With your password').click();
  await screen.dialog.getByLabel('Your password', { exact: true }).fill(VAULT_PASSWORD);
  await screen.dialog.getByRole('button', { name: 'Let it open the vault' }).click();
  await expect(screen.dialog).toBeHidden();
  const ways = page.getByRole('region', { name: 'Ways in' });
  await expect(ways.getByText(/A password and a key’s challenge-response \(slot 2 of 7654321\)/)).toBeVisible();
  await expectAccessible(page, 'settings with a key');

  await vaultPage(page).lock();
  await page.getByRole('radio', { name: 'Password and key' }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await page.keyboard.type('not the password at all');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/do not open the vault together/)).toBeVisible();
  await page.keyboard.type(VAULT_PASSWORD);
  await page.keyboard.press('Enter');
  await expect(unlocked(page)).toBeVisible();
});

test('the password is given up for the key, which proves itself; then the page asks for the key at once', async ({
  keyed,
}) => {
  const { page, daemon, keys } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('blue', 'plug');
  await enrolKey({ daemon, password: VAULT_PASSWORD, name: 'blue', pin: PIN, opens: 'alone' });
  await vaultPage(page).go('Settings');
  const ways = page.getByRole('region', { name: 'Ways in' });
  await expect(ways.getByText(/A security key with its PIN/)).toBeVisible();
  await ways.getByRole('button', { name: 'Remove… Password' }).click();
  await screen.alert.getByRole('button', { name: 'Use a security key instead' }).click();
  await screen.pin.fill(PIN);
  await expectAccessible(page, 'remove a way in, by a key');
  await keys.act('blue', 'wait');
  await screen.alert.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page.getByText('Touch your security key', { exact: true })).toBeVisible();
  await expect.poll(async () => (await keys.act('blue', 'look')).awaitsTouch).toBe(true);
  await keys.act('blue', 'press');
  await expect(screen.alert).toBeHidden();
  await keys.act('blue', 'approve');
  await vaultPage(page).lock();
  await expect(screen.pin).toBeFocused();
  await expect(page.getByRole('radio')).toHaveCount(0);
  await page.getByRole('button', { name: 'Use the recovery code instead' }).click();
  await page.getByRole('button', { name: 'Use the security key instead' }).click();
  await screen.pin.fill(PIN);
  await page.keyboard.press('Enter');
  await expect(unlocked(page)).toBeVisible();

  // No password opens it any more, so that none is asked for.
  await vaultPage(page).go('Settings');
  await ways.getByRole('button', { name: 'Remove… Recovery code' }).click();
  await expect(screen.pin).toBeFocused();
  await expect(screen.alert.getByRole('button', { name: /^Use / })).toHaveText(['Use the recovery code instead']);
});
