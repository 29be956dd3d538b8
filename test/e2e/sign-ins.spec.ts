import { startSso } from '../support/sso-stand-in/start-sso.ts';
import { expect, test } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { vaultPage } from './pages/vault-page.ts';

test('somebody signs in with a code, makes profiles of chosen roles, and signs out', async ({ home, daemon }) => {
  const page = home;
  const sso = await startSso();
  sso.lives.interval = 1;
  const { dialog } = vaultPage(page);
  await page.keyboard.press('g');
  await page.keyboard.press('i');
  await expect(page.getByText('No sign-ins yet')).toBeVisible();
  await page.keyboard.press('n');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('corp');
  const start = dialog.getByRole('textbox', { name: 'Start URL' });
  await start.fill('corp.awsapps.com');
  await dialog.getByRole('combobox', { name: /^Region of/ }).fill('eu-central-1');
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Add sign-in' }).press('Enter');
  await expect(start).toHaveAccessibleDescription(/^A start URL looks like/);
  await expectAccessible(page, 'a sign-in, refused');
  await start.fill(sso.startUrl);
  await page.keyboard.press('Enter');
  const detail = page.getByRole('article', { name: 'Sign-in corp' });
  await expect(detail.getByText('not signed in', { exact: true })).toBeVisible();
  const [made] = (await daemon.call('signIn.list', {})).signIns;
  if (made?.settings.type !== 'sso') throw new Error('the sign-in is not there');
  await daemon.call('signIn.update', { name: 'corp', settings: { ...made.settings, endpointUrl: sso.url } });

  await detail.getByRole('button', { name: 'With a code' }).press('Enter');
  const panel = detail.getByRole('region', { name: 'Signing in' });
  const code = await panel.getByRole('status', { name: /^Code/ }).innerText();
  await expect(panel.getByRole('button', { name: 'Open the page' })).toBeFocused();
  await expectAccessible(page, 'a code to compare');
  sso.decide(code, 'approved');
  await expect(detail.getByText('signed in', { exact: true })).toBeVisible();

  await detail.getByRole('button', { name: 'Choose roles…' }).press('Enter');
  await expect(dialog.getByRole('searchbox')).toBeFocused();
  const roles = dialog.getByRole('listbox', { name: 'Accounts and roles' });
  await expect(roles.getByRole('option')).toHaveCount(3);
  const view = page.viewportSize();
  if (view === null) throw new Error('the page has no size');
  await page.setViewportSize({ width: 640, height: 400 });
  await expect(dialog.getByRole('button', { name: 'Add profiles' })).toBeInViewport({ ratio: 1 });
  await page.setViewportSize(view);
  await page.keyboard.type('sandbox');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ControlOrMeta+a');
  await expect(dialog.getByRole('status')).toHaveText('2 roles of 1 account, 1 account to be added');
  await expectAccessible(page, 'accounts and roles');
  const names = dialog.getByRole('textbox', { name: 'Their names' });
  await names.fill('{role}');
  await dialog.getByRole('button', { name: 'Add 2 profiles' }).press('Enter');
  await expect(names).toHaveAccessibleDescription('Put {account} or {accountId} into it.');
  await names.fill('{role} in {account}');
  await expect(names).toHaveAccessibleDescription('Like Admin in Sandbox');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(detail.getByRole('link', { name: 'Read in Sandbox' })).toBeVisible();
  await expect(detail.getByText(/3 roles; 1 has no profile yet/)).toBeVisible();

  await detail.getByRole('button', { name: 'Sign out' }).press('Enter');
  await expect(detail.getByText('not signed in', { exact: true })).toBeVisible();
  expect(sso.callsOf('POST /logout')).toHaveLength(1);
  await sso.close();

  await test.step('a client of a provider has a secret, which stays until another one is given', async () => {
    const settings = async () => (await daemon.call('signIn.list', {})).signIns.at(-1)?.settings;
    const secret = dialog.getByLabel(/^Client secret/);
    await page.keyboard.press('n');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('idp');
    await dialog.getByText('OpenID Connect').click();
    await dialog.getByRole('textbox', { name: 'Issuer' }).fill('https://login.example.com');
    await dialog.getByRole('textbox', { name: 'Client id' }).fill('keyhold');
    await dialog.getByText('With a secret').click();
    await dialog.getByRole('button', { name: 'Add sign-in' }).press('Enter');
    await expect(secret).toBeFocused();
    await expect(secret).toHaveAccessibleDescription(/^Paste the secret/);
    await expectAccessible(page, 'a client without its secret');
    await secret.fill('harbour cobalt');
    await page.keyboard.press('Enter');
    const idp = page.getByRole('article', { name: 'Sign-in idp' });
    await expect(idp.getByText('Kept by the HSM, shown in a header')).toBeVisible();

    const edit = async () => {
      await idp.getByRole('button', { name: 'More', exact: true }).press('Enter');
      await page.getByRole('menuitem', { name: 'Edit…' }).press('Enter');
    };
    await edit();
    await expect(secret).toHaveAccessibleDescription('Leave it empty to keep the present one.');
    await dialog.getByRole('button', { name: /How it is shown/ }).press('Enter');
    await page.getByRole('option', { name: /body/ }).press('Enter');
    await dialog.getByRole('button', { name: 'Save' }).press('Enter');
    await expect(idp.getByText('Kept by the HSM, shown in the request’s body')).toBeVisible();
    expect(await settings()).toMatchObject({ clientAuth: 'client_secret_post' });

    await edit();
    await dialog.getByRole('textbox', { name: 'Client id' }).fill('another');
    await dialog.getByRole('button', { name: 'Save' }).press('Enter');
    await expect(secret).toBeFocused();
    await secret.fill('lattice');
    await page.keyboard.press('Enter');
    await expect(idp.getByText('another', { exact: true })).toBeVisible();

    await edit();
    await dialog.getByText('Public client').click();
    await dialog.getByRole('button', { name: 'Save' }).press('Enter');
    await expect(idp.getByText('None: a public client')).toBeVisible();
    expect(await settings()).not.toHaveProperty('clientAuth');
  });
});
