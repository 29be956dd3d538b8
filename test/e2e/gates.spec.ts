import { enrolKey } from '../support/enrol-key.ts';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { securityKeysPage } from './pages/security-keys-page.ts';
import { vaultPage } from './pages/vault-page.ts';

test('an access key gets a gate, and loses it by a touch alone', async ({ keyed }) => {
  const { page, keys, daemon } = keyed;
  const screen = securityKeysPage(page);
  await keys.act('blue', 'plug');
  await enrolKey({ daemon, password: VAULT_PASSWORD, name: 'blue', pin: '246813' });
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await daemon.importKey(
    { name: 'deploy', account: 'prod', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  );
  await keys.act('blue', 'wait');
  await vaultPage(page).go('Access keys');
  const touch = page.getByRole('region', { name: 'Touch' });
  await touch.getByRole('button', { name: 'Require a touch…' }).click();
  await screen.dialog.getByText('Once in a while').click();
  await screen.dialog.getByRole('textbox', { name: 'Minutes' }).fill('5');
  await expectAccessible(page, 'require a touch');
  await screen.dialog.getByRole('button', { name: 'Require the touch' }).click();
  await expect(touch.getByText('One touch of any enrolled key is enough for 5 minutes')).toBeVisible();
  await expectAccessible(page, 'a gated key');

  const takeAway = async (): Promise<void> => {
    await touch.getByRole('button', { name: 'Change…' }).click();
    await screen.dialog.getByText('Not at all').click();
    await screen.dialog.getByRole('button', { name: 'Take it away' }).click();
    await expect(screen.touch).toBeVisible();
  };
  await takeAway();
  await page.keyboard.press('Escape');
  await expect(screen.touch).toBeHidden();
  await expect(screen.dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(touch.getByText('touch required')).toBeVisible();
  await takeAway();
  await expect.poll(async () => (await keys.act('blue', 'look')).awaitsTouch).toBe(true);
  await keys.act('blue', 'press');
  await expect(touch.getByText('Used without a touch')).toBeVisible();
  expect(await daemon.call('gate.list', {})).toEqual({ gates: [] });
});
