import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { expectAccessible, expectReadable } from './pages/expect-accessible.ts';
import { gatePage } from './pages/gate-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const SCREENS = [
  'Home',
  'Access keys',
  'Rotation',
  'Authenticator',
  'Accounts',
  'Security keys',
  'Sign-ins',
  'Profiles',
  'Sessions',
  'Clients',
  'KMS keys',
  'Encrypt',
  'Key stores',
  'HSM',
  'Activity',
  'Settings',
];
const WITHOUT_LIST = ['Home', 'Security keys', 'Encrypt', 'HSM', 'Settings'];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    const check = colorScheme === 'light' ? expectAccessible : expectReadable;

    test('every screen with data passes axe', async ({ fake }) => {
      // Some thirty screens.
      test.slow();
      const page = await fake(8);
      const vault = vaultPage(page);
      for (const screen of SCREENS) {
        await vault.go(screen);
        if (!WITHOUT_LIST.includes(screen)) {
          await expect(page.getByRole('option').first()).toBeVisible();
        }
        await check(page, screen);
      }
      await page.keyboard.press('g');
      await page.keyboard.press('w');
      await expect(page.getByRole('heading', { name: 'Passwords and SSH keys', level: 1 })).toBeVisible();
      await expect(page.getByRole('link', { name: 'Access keys' })).toHaveAttribute('aria-current', 'page');
      await check(page, 'Passwords and SSH keys');
      for (const [keys, name] of [
        ['Control+k', 'palette'],
        ['?', 'shortcuts'],
      ] as const) {
        await page.keyboard.press(keys);
        await expect(page.getByRole('dialog')).toBeVisible();
        await check(page, name);
        await page.keyboard.press('Escape');
      }
      for (const screen of ['Access keys', 'Accounts', 'Profiles', 'Clients']) {
        await vault.go(screen);
        await page.getByRole('button', { name: 'Add', exact: true }).click();
        await expect(page.getByRole('dialog')).toBeVisible();
        await check(page, `${screen}, add`);
        await page.keyboard.press('Escape');
      }
    });

    test('the empty screens and the ways in pass axe', async ({ app }) => {
      const gate = gatePage(app);
      const vault = vaultPage(app);
      await check(app, 'create');
      const groups = await gate.createVault(VAULT_PASSWORD);
      await check(app, 'recovery code');
      await gate.confirmRecoveryCode(groups);
      for (const screen of SCREENS) {
        await vault.go(screen);
        await check(app, `empty ${screen}`);
      }
      await vault.lock();
      await check(app, 'unlock');
    });
  });
}

test('the palette finds actions and objects, and goes there', async ({ fake }) => {
  const page = await fake(8);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('deploy-bot');
  await expect(page.getByRole('option', { name: /^deploy-bot/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article', { name: 'Access key deploy-bot' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('add prof');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Add a profile' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('a list of ten thousand keeps few rows in the page, moves by keys and narrows by search', async ({ fake }) => {
  const page = await fake(10_000);
  await vaultPage(page).go('Access keys');
  const list = page.getByRole('listbox', { name: 'Access keys' });
  await expect(list.getByRole('option').first()).toHaveAttribute('aria-setsize', '10000');
  expect(await list.getByRole('option').count()).toBeLessThan(80);
  await list.focus();
  await page.keyboard.press('End');
  await expect(list.locator('[aria-posinset="10000"]')).toBeVisible();
  await page.keyboard.press('Control+a');
  await expect(page.getByText('10,000 selected')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('breakglass-777');
  await expect(page.getByText('1 of 10,000')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('article', { name: 'Access key breakglass-777' })).toBeVisible();
  expect(await list.getByRole('option').count()).toBe(1);
});

test('a list keeps its place and its search while other screens are shown', async ({ fake }) => {
  const page = await fake(10_000);
  const vault = vaultPage(page);
  await vault.go('Clients');
  await page.keyboard.press('/');
  await page.keyboard.type('terraform');
  await page.getByRole('listbox').focus();
  await page.keyboard.press('PageDown');
  await page.keyboard.press('PageDown');
  const place = await page.getByRole('listbox').evaluate((list) => list.scrollTop);
  expect(place).toBeGreaterThan(0);
  await vault.go('Settings');
  await vault.go('Clients');
  await expect(page.getByRole('searchbox')).toHaveValue('terraform');
  await expect.poll(() => page.getByRole('listbox').evaluate((list) => list.scrollTop)).toBe(place);
});

test('at 200 % zoom list and detail take turns, and Escape steps back', async ({ fake, page }) => {
  await page.setViewportSize({ width: 640, height: 400 });
  const app = await fake(8);
  await vaultPage(app).go('Access keys');
  await app.getByRole('option', { name: /deploy-bot/ }).click();
  await expect(app.getByRole('article', { name: 'Access key deploy-bot' })).toBeVisible();
  await expect(app.getByRole('listbox')).toBeHidden();
  await app.keyboard.press('Escape');
  await expect(app.getByRole('listbox')).toBeVisible();
  expect(await app.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});
