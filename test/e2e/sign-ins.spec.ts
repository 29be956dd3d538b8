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
});

test('a provider’s client has a secret, which is kept when it is edited and asked for when it is another client', async ({
  home,
  daemon,
}) => {
  const { dialog, go } = vaultPage(home);
  const field = (name: string) => dialog.getByRole('textbox', { name });
  const secret = dialog.getByLabel(/^Secret of the client/);
  await go('Sign-ins');
  await home.keyboard.press('n');
  await dialog.getByText('OpenID Connect', { exact: true }).click();
  await field('Name').fill('idp');
  await field('Issuer').fill('https://login.example.com');
  await field('Client id').fill('keyhold');
  await dialog.getByRole('button', { name: /^Public/ }).press('Enter');
  await home.getByRole('option', { name: 'With a secret, in the body' }).press('Enter');
  await dialog.getByRole('button', { name: 'Add sign-in' }).press('Enter');
  await expect(secret).toHaveAccessibleDescription('Type the secret that the provider has for this client.');
  await expect(secret).toBeFocused();
  await expectAccessible(home, 'a client without its secret');
  await secret.fill('of-the-client');
  await home.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  const settings = async () => (await daemon.call('signIn.list', {})).signIns[0]?.settings;
  expect(await settings()).toMatchObject({ clientId: 'keyhold', clientAuth: 'client_secret_post' });

  await expect(home.getByText('Kept by the HSM, shown in the request’s body')).toBeVisible();

  const edit = async () => {
    await home.getByRole('article').getByRole('button', { name: 'More', exact: true }).press('Enter');
    await home.getByRole('menuitem', { name: 'Edit…' }).press('Enter');
  };
  await edit();
  await expect(secret).toHaveAccessibleDescription('Leave it empty to keep the present one.');
  await field('Scopes').fill('openid profile');
  await home.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  expect(await settings()).toMatchObject({ scopes: ['openid', 'profile'], clientAuth: 'client_secret_post' });
  await edit();
  await field('Client id').fill('other');
  await home.keyboard.press('Enter');
  await expect(secret).toHaveAccessibleDescription('Type the secret that the provider has for this client.');
});
