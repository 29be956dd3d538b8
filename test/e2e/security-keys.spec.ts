import { KeyholdError } from '../../src/contract/errors.ts';
import { enrolKey } from '../support/enrol-key.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { securityKeysPage } from './pages/security-keys-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const PIN = '246813';
const BLUE = 'Emulated Blue Key (B1)';

test('a key is seen when it is plugged in, gets a PIN, is enrolled and lets its person in', async ({ keyed }) => {
  test.slow();
  const { page, keys, daemon } = keyed;
  const screen = securityKeysPage(page);
  await vaultPage(page).go('Security keys');
  await expect(screen.plugged.getByText('No security key.')).toBeVisible();
  await expectAccessible(page, 'security keys, none');
  await keys.act('blue', 'plug');
  await expect(screen.plugged.getByText(BLUE).first()).toBeVisible();
  await expect(screen.plugged.getByText('No PIN yet')).toBeVisible();
  await expectAccessible(page, 'security keys, one plugged in');

  await screen.plugged.getByRole('button', { name: /^Enrol/ }).click();
  await screen.dialog.getByLabel('New PIN', { exact: true }).fill('12');
  await screen.dialog.getByRole('button', { name: 'Set the PIN' }).click();
  await expect(screen.dialog.getByText('Type at least 4 characters.')).toBeVisible();
  await expectAccessible(page, 'a first PIN, too short');
  await screen.dialog.getByLabel('New PIN', { exact: true }).fill(PIN);
  await screen.dialog.getByLabel('Repeat new PIN', { exact: true }).fill(PIN);
  await screen.dialog.getByRole('button', { name: 'Set the PIN' }).click();

  await screen.dialog.getByRole('textbox', { name: 'Name' }).fill('blue');
  await screen.dialog.getByText('With the key alone').click();
  await screen.pin.fill('999999');
  await screen.dialog.getByLabel('Your vault’s password', { exact: true }).fill(VAULT_PASSWORD);
  await expectAccessible(page, 'enrol');
  await screen.dialog.getByRole('button', { name: 'Enrol the key' }).click();
  await expect(screen.dialog.getByText(/This PIN is wrong. 7 tries left/)).toBeVisible();
  await expect(screen.dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('blue');

  await keys.act('blue', 'wait');
  await screen.pin.fill(PIN);
  await screen.dialog.getByRole('button', { name: 'Enrol the key' }).click();
  await expect(screen.touch).toBeVisible();
  await expectAccessible(page, 'enrol, touch');
  await keys.act('blue', 'press');
  await expect(screen.dialog.getByText('Once more, so that it opens the vault.')).toBeVisible();
  await expect.poll(async () => (await keys.act('blue', 'look')).awaitsTouch).toBe(true);
  await keys.act('blue', 'press');
  await expect(screen.dialog.getByText('blue is enrolled.')).toBeVisible();
  await expectAccessible(page, 'enrolled');
  await screen.dialog.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(screen.known.getByText(/opens the vault as “blue”/)).toBeVisible();
  await expectAccessible(page, 'security keys, one enrolled');

  const { keys: known } = await daemon.call('mfa.keys', {});
  expect(known.map(({ name, userVerification, canUnlock }) => ({ name, userVerification, canUnlock }))).toEqual([
    { name: 'blue', userVerification: true, canUnlock: true },
  ]);
  await vaultPage(page).lock();
  await page.getByRole('radio', { name: 'Security key' }).click();
  await screen.pin.fill(PIN);
  await page.getByRole('button', { name: 'Unlock' }).click();
  await expect(screen.touch).toBeVisible();
  await keys.act('blue', 'press');
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
});

test('a touch is called off by Escape, by Cancel and by closing, and the key’s light goes out', async ({ keyed }) => {
  const { page, keys, daemon } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('blue', 'plug');
  await enrolKey({ daemon, password: VAULT_PASSWORD, name: 'blue', pin: PIN });
  await keys.act('blue', 'wait');
  await vaultPage(page).go('Security keys');
  const dark = async (): Promise<void> => {
    await expect.poll(async () => (await keys.act('blue', 'look')).awaitsTouch).toBe(false);
  };
  await screen.known.getByRole('button', { name: 'Test blue' }).click();
  for (const end of ['escape', 'cancel'] as const) {
    await screen.pin.fill(PIN);
    await screen.dialog.getByRole('button', { name: 'Test it' }).click();
    await expect(screen.touch).toBeVisible();
    if (end === 'escape') await page.keyboard.press('Escape');
    else await screen.dialog.getByRole('button', { name: 'Cancel' }).first().click();
    await expect(screen.touch).toBeHidden();
    await expect(screen.dialog).toBeVisible();
    await dark();
  }
  await screen.pin.fill(PIN);
  await screen.dialog.getByRole('button', { name: 'Test it' }).click();
  await expect(screen.touch).toBeVisible();
  await screen.dialog.getByRole('button', { name: 'Close' }).click();
  await dark();
  await expect(screen.dialog).toBeHidden();

  await keys.act('blue', 'approve');
  await screen.known.getByRole('button', { name: 'Test blue' }).click();
  await screen.pin.fill(PIN);
  await screen.dialog.getByRole('button', { name: 'Test it' }).click();
  await expect(screen.dialog.getByRole('button', { name: 'Test again' })).toBeVisible();
  await expectAccessible(page, 'tested');
});

test('what was begun elsewhere asks in the corner, takes no focus, and can be called off', async ({ keyed }) => {
  const { page, keys, daemon } = keyed;
  await keys.act('blue', 'plug');
  await keys.act('blue', 'wait');
  await vaultPage(page).go('Accounts');
  await page.keyboard.press('n');
  const field = page.getByRole('dialog').getByRole('textbox').first();
  await field.focus();
  const testing = daemon.call('mfa.test', {}).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
  await expect(page.getByText('Touch your security key', { exact: true })).toBeVisible();
  await expect(field).toBeFocused();
  await expectAccessible(page, 'a prompt beside a dialog');
  await page.keyboard.type('prod');
  await expect(field).toHaveValue('prod');
  await page.getByRole('status').getByRole('button', { name: 'Cancel' }).click();
  expect(await testing).toBe('Cancelled');
  await expect(page.getByText('Touch your security key', { exact: true })).toBeHidden();
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('a key is renamed, has its PIN changed, is refused removal while it opens the vault, and is erased', async ({
  keyed,
}) => {
  const { page, keys, daemon } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('blue', 'plug');
  await enrolKey({ daemon, password: VAULT_PASSWORD, name: 'blue', pin: PIN, opens: 'with-password' });
  await vaultPage(page).go('Security keys');
  await screen.menu('blue', 'Rename…');
  await screen.dialog.getByRole('textbox', { name: 'Name' }).fill('sky');
  await screen.dialog.getByRole('button', { name: 'Rename' }).click();
  await expect(screen.known.getByText('sky', { exact: true })).toBeVisible();

  await screen.menu(BLUE, 'Change the PIN…');
  await screen.dialog.getByLabel('Present PIN', { exact: true }).fill(PIN);
  await screen.dialog.getByLabel('New PIN', { exact: true }).fill('135790');
  await screen.dialog.getByLabel('Repeat new PIN', { exact: true }).fill('135790');
  await expectAccessible(page, 'change the PIN');
  await screen.dialog.getByRole('button', { name: 'Change the PIN' }).click();
  await expect(screen.dialog).toBeHidden();

  await screen.menu(BLUE, 'Show its credentials…');
  await screen.pin.fill('135790');
  await screen.dialog.getByRole('button', { name: 'Show them' }).click();
  await expect(screen.dialog.getByText('There are none on this key.')).toBeVisible();
  await screen.dialog.getByRole('button', { name: 'Close' }).first().click();

  await screen.menu('sky', 'Remove…');
  await expect(screen.alert.getByText('It opens the vault')).toBeVisible();
  await expectAccessible(page, 'remove a key in use');
  await page.keyboard.press('Escape');

  await keys.act('blue', 'wait');
  await screen.menu(BLUE, 'Erase it…');
  await expect(screen.alert.getByRole('button', { name: 'Erase it' })).toBeDisabled();
  await screen.alert.getByRole('textbox').fill(BLUE);
  await expectAccessible(page, 'erase');
  await screen.alert.getByRole('button', { name: 'Erase it' }).click();
  await expect(screen.alert.getByText('Take the key out and plug it in again')).toBeVisible();
  await keys.act('blue', 'unplug');
  await expect(screen.plugged.getByText('No security key.')).toBeAttached();
  await keys.act('blue', 'plug');
  await expect(screen.touch).toBeVisible();
  await expect.poll(async () => (await keys.act('blue', 'look')).awaitsTouch).toBe(true);
  await keys.act('blue', 'press');
  await expect(screen.alert).toBeHidden();
  await expect(screen.plugged.getByText('No PIN yet')).toBeVisible();
});

test('Escape calls the key off, and once more leaves the dialog although the key does not let go', async ({ page }) => {
  const vault = sampleVault(3);
  vault.failing.set('mfa.cancel', new KeyholdError('NotFound', 'Nothing waits for a security key any more.'));
  const shell = await startFakePage(vault);
  const screen = securityKeysPage(page);
  await page.goto(shell.open());
  await vaultPage(page).go('Security keys');
  await page.getByRole('button', { name: 'Test blue' }).click();
  await screen.pin.fill(PIN);
  await screen.dialog.getByRole('button', { name: 'Test it' }).click();
  await expect(screen.dialog.getByText('Waiting for the key to answer…')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(screen.dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(screen.dialog).toBeHidden();
  await shell.stop();
});

test('the page keeps no PIN: a credential is deleted with the PIN typed again', async ({ fake }) => {
  const page = await fake(3);
  const screen = securityKeysPage(page);
  await vaultPage(page).go('Security keys');
  await page
    .getByRole('button', { name: /^More for Yubico/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: 'Show its credentials…' }).click();
  await screen.pin.fill(PIN);
  await page.keyboard.press('Enter');
  await expect(screen.dialog.getByText('github.com')).toBeVisible();
  await expectAccessible(page, 'credentials');
  await screen.dialog.getByRole('button', { name: 'Delete the credential of github.com' }).click();
  await expect(screen.pin).toHaveValue('');
  await screen.dialog.getByRole('button', { name: 'Delete the credential' }).click();
  await expect(screen.dialog.getByText('Type the PIN of the key.')).toBeVisible();
  await expectAccessible(page, 'delete a credential, no PIN');
  await screen.pin.fill(PIN);
  await page.keyboard.press('Enter');
  await expect(screen.dialog.getByText('example.org')).toBeVisible();
  await expect(screen.dialog.getByText('github.com')).toHaveCount(0);
  await expect(screen.dialog.getByText('Room for 94 credentials.')).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('keys, devices and one without rights pass axe, and so does the warning of a key without a PIN', async ({
      fake,
    }) => {
      const page = await fake(8);
      const screen = securityKeysPage(page);
      await vaultPage(page).go('Security keys');
      await expect(screen.plugged.getByText('Keyhold may not speak to this key')).toBeVisible();
      await page.getByText('Details of blue').click();
      await expectAccessible(page, 'security keys');
      await page.getByRole('button', { name: /^Unlock with it/ }).click();
      await screen.dialog.getByText('With the key alone').click();
      await expectAccessible(page, 'challenge-response alone, with its warning');
    });
  });
}
