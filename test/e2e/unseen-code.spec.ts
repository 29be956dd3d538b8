import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { vaultPage } from './pages/vault-page.ts';

test('a recovery code that is being made can only be left once it was seen, and is taken back where the page is gone', async ({
  home,
  daemon,
}) => {
  const slots = async () => (await daemon.call('slot.list', {})).slots.length;
  let answer: () => void = () => {};
  let asked: () => void = () => {};
  const hold = () => {
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    return { held, reached };
  };
  let gate = hold();
  await home.route('**/api/call', async (route) => {
    if (!(route.request().postData() ?? '').includes('slot.addRecoveryCode')) return route.continue();
    const { held } = gate;
    asked();
    await held;
    return route.continue();
  });
  await vaultPage(home).go('Settings');

  const dialog = home.getByRole('dialog');
  const begin = async () => {
    await home.getByRole('button', { name: 'New recovery code…' }).click();
    await dialog.getByLabel('Present password', { exact: true }).fill(VAULT_PASSWORD);
    await dialog.getByRole('button', { name: 'Make the code' }).click();
    await gate.reached;
  };
  await begin();
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeDisabled();
  await expect(dialog.getByRole('button', { name: 'Close' })).toHaveCount(0);
  await home.keyboard.press('Escape');
  answer();
  await expect(dialog.getByRole('list', { name: 'Recovery code' })).toBeVisible();
  expect(await slots()).toBe(3);
  await home.reload();
  await expect(home.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();

  // Another screen by the address, as the Back button would have it.
  gate = hold();
  await begin();
  await home.evaluate(() => {
    window.location.hash = '#/accounts';
  });
  await expect(home.getByRole('heading', { name: 'Accounts', level: 1 })).toBeVisible();
  const removed = home.waitForResponse((response) => (response.request().postData() ?? '').includes('slot.remove'));
  answer();
  await removed;
  expect(await slots()).toBe(3);
});
