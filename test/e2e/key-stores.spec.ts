import { startXksProxy } from '../support/xks-proxy.ts';
import { expect, test } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { kmsPage } from './pages/kms-page.ts';
import { vaultPage } from './pages/vault-page.ts';

/** What is typed into the browser's memory for a proxy, and must not stay on the page. */
const SECRET = 'c2VjcmV0LW9mLXRoZS1wcm94eS1vZi10aGUta2V5LW1hbmFnZXI=';

test('a key store is created with an external key manager, connected, edited and deleted', async ({ fake }) => {
  const page = await fake(8);
  const vault = vaultPage(page);
  const detail = page.getByRole('article');
  await vault.go('Key stores');
  await expectAccessible(page, 'key stores');
  await page.keyboard.press('n');
  await expectAccessible(page, 'create a key store');
  await vault.dialog.getByText('An external key manager').click();
  await vault.dialog.getByRole('button', { name: 'Create the key store' }).click();
  for (const complaint of [/Give it a name/, /The endpoint is https:/, /access key id has 20 to 30/, /has 43 to 64/]) {
    await expect(vault.dialog.getByText(complaint)).toBeVisible();
  }
  await expectAccessible(page, 'create a key store, complaints');
  await vault.dialog.getByRole('textbox', { name: 'Name' }).fill('vault-room');
  await vault.dialog.getByRole('textbox', { name: 'Endpoint of the proxy' }).fill('https://xks.example.com');
  await vault.dialog.getByRole('textbox', { name: 'Access key id of the proxy' }).fill('ABCDEFGHIJKLMNOPQRST');
  await vault.dialog.getByLabel('Secret of the proxy', { exact: true }).fill(SECRET);
  await vault.dialog.getByRole('button', { name: 'Create the key store' }).click();
  // The name is another’s: nothing typed is lost.
  await expect(vault.dialog.getByText(/vault-room is the name of another/)).toBeVisible();
  await expect(vault.dialog.getByLabel('Secret of the proxy', { exact: true })).toHaveValue(SECRET);
  await vault.dialog.getByRole('textbox', { name: 'Name' }).fill('key manager');
  await vault.dialog.getByRole('button', { name: 'Create the key store' }).click();
  await expect(vault.dialog).toBeHidden();
  await expect(page.getByRole('article', { name: 'Key store key manager' })).toBeVisible();
  // Connecting goes on after its answer.
  await expect(detail.getByText('connected', { exact: true })).toBeVisible();
  expect(await page.content()).not.toContain(SECRET);
  await expect(detail.getByRole('button', { name: 'Delete…' })).toBeDisabled();

  await detail.getByRole('button', { name: 'Edit' }).click();
  await expect(vault.dialog.getByRole('textbox', { name: 'Endpoint of the proxy' })).toBeDisabled();
  await vault.dialog.getByRole('textbox', { name: 'Name' }).fill('escrow agent');
  await vault.dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('article', { name: 'Key store escrow agent' })).toBeVisible();
  await detail.getByRole('button', { name: 'Disconnect' }).click();
  await detail.getByRole('button', { name: 'Delete…' }).click();
  await expectAccessible(page, 'delete a key store');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the key store' }).click();
  await expect(page.getByRole('option', { name: /escrow agent/ })).toHaveCount(0);
});

test('what could not be connected says why, and is tried again', async ({ fake }) => {
  const page = await fake(8);
  await vaultPage(page).go('Key stores');
  await page.getByRole('option', { name: /^escrow/ }).click();
  const detail = page.getByRole('article', { name: 'Key store escrow' });
  await expect(
    detail.getByText('The proxy does not answer in time. See whether it runs, and try again.'),
  ).toBeVisible();
  await expectAccessible(page, 'a key store that failed');
  await detail.getByRole('button', { name: 'Try again' }).click();
  await expect(detail.getByText('connected', { exact: true })).toBeVisible();
});

test('a key store is created on a token, and a key begun in it', async ({ fake }) => {
  const page = await fake(8);
  const vault = vaultPage(page);
  await vault.go('Key stores');
  await page.keyboard.press('n');
  await vault.dialog.getByRole('textbox', { name: 'Name' }).fill('safe');
  await expect(vault.dialog.getByRole('button', { name: /Token$/ })).toBeVisible();
  await vault.dialog.getByRole('button', { name: 'Create the key store' }).click();
  const detail = page.getByRole('article', { name: 'Key store safe' });
  await detail.getByRole('button', { name: 'Create a key in it' }).click();
  await vault.dialog.getByRole('button', { name: 'Next: kind' }).click();
  await expect(vault.dialog.getByRole('radio', { name: /Made in safe/ })).toBeChecked();
});

test('with a real proxy: a key in the store encrypts while it is connected, and says why when it is not', async ({
  home,
  daemon,
}) => {
  const proxy = await startXksProxy();
  try {
    proxy.addKey('wing-3');
    const vault = vaultPage(home);
    const kms = kmsPage(home);
    await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: 'eu-central-1' });
    await vault.go('Key stores');
    await home.getByRole('button', { name: 'Create a key store' }).click();
    await vault.dialog.getByText('An external key manager').click();
    await vault.dialog.getByRole('textbox', { name: 'Name' }).fill('key manager');
    await vault.dialog.getByRole('textbox', { name: 'Endpoint of the proxy' }).fill(proxy.endpoint);
    await vault.dialog.getByRole('textbox', { name: 'Path' }).fill(proxy.path);
    await vault.dialog.getByRole('textbox', { name: 'Access key id of the proxy' }).fill(proxy.credential.AccessKeyId);
    const secret = vault.dialog.getByLabel('Secret of the proxy', { exact: true });
    await secret.fill('a'.repeat(43));
    await vault.dialog.getByRole('button', { name: 'Create the key store' }).click();
    // The proxy refuses a credential that it does not know; nothing typed is lost.
    await expect(vault.dialog.getByRole('alert')).toBeVisible();
    await secret.fill(proxy.credential.RawSecretAccessKey);
    await vault.dialog.getByRole('button', { name: 'Create the key store' }).click();
    const detail = home.getByRole('article', { name: 'Key store key manager' });
    await expect(detail.getByText('connected', { exact: true })).toBeVisible();

    await detail.getByRole('button', { name: 'Create a key in it' }).click();
    await vault.dialog.getByRole('button', { name: 'Next: kind' }).click();
    await vault.dialog.getByRole('button', { name: 'Next: name' }).click();
    await expect(vault.dialog.getByText(/Say which key of the key manager/)).toBeVisible();
    await vault.dialog.getByRole('textbox', { name: 'Key id at the key manager' }).fill('wing-3');
    await vault.dialog.getByRole('button', { name: 'Next: name' }).click();
    await vault.dialog.getByRole('textbox', { name: 'Alias' }).fill('wing');
    await vault.dialog.getByRole('button', { name: 'Next: policy' }).click();
    await vault.dialog.getByRole('button', { name: 'Next: review' }).click();
    await vault.dialog.getByRole('button', { name: 'Create the key' }).click();
    await expect(kms.key('wing')).toBeVisible();
    await expect(kms.row('wing').getByText('external')).toBeVisible();
    await home.getByRole('button', { name: 'Encrypt or decrypt' }).click();
    const encrypt = home.getByRole('region', { name: 'Encrypt', exact: true });
    await encrypt.getByRole('textbox', { name: 'What to encrypt' }).fill('twice');
    await encrypt.getByRole('button', { name: 'Encrypt', exact: true }).click();
    await expect(encrypt.getByText('Ciphertext', { exact: true })).toBeVisible();
    expect(proxy.seen.map((call) => call.api)).toContain('encrypt');

    await vault.go('Key stores');
    await detail.getByRole('button', { name: 'Disconnect' }).click();
    await expect(detail.getByText('They can be used while the key store is connected')).toBeVisible();
    await expect(detail.getByRole('button', { name: 'Delete…' })).toBeDisabled();
    await expectAccessible(home, 'a disconnected key store with a key');
    await vault.go('KMS keys');
    await expect(kms.key('wing').getByText('Its key store is not connected')).toBeVisible();
    proxy.script = () => 'break';
    await vault.go('Key stores');
    await detail.getByRole('button', { name: 'Connect', exact: true }).click();
    await expect(detail.getByText('It could not be connected')).toBeVisible();
    proxy.script = undefined;
    await detail.getByRole('button', { name: 'Try again' }).click();
    await expect(detail.getByText('connected', { exact: true })).toBeVisible();
  } finally {
    await proxy.close();
  }
});
