import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { tabTo } from './pages/tab-to.ts';

test('the main flow by keyboard alone', async ({ app }) => {
  const { keyboard } = app;
  await keyboard.type(VAULT_PASSWORD);
  await tabTo(app, /Repeat password/);
  await keyboard.type(VAULT_PASSWORD);
  await keyboard.press('Enter');
  await expect(app.getByRole('heading', { name: 'Your recovery code' })).toBeVisible();
  const groups = await app.locator('[data-group]').allTextContents();
  await tabTo(app, /I have stored it/);
  await keyboard.press('Enter');
  await expect(app.getByRole('heading', { name: 'Confirm the recovery code' })).toBeVisible();
  for (const label of await app.locator('label').allTextContents()) {
    await tabTo(app, new RegExp(`${label}$`));
    await keyboard.type(groups[Number(/\d+/.exec(label)?.[0]) - 1] ?? '');
  }
  await keyboard.press('Enter');
  await expect(app.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();

  await keyboard.press('g');
  await keyboard.press('k');
  await expect(app.getByRole('heading', { name: 'Access keys', level: 1 })).toBeVisible();
  await keyboard.press('n');
  await expect(app.getByRole('dialog', { name: 'First, the account' })).toBeVisible();
  await keyboard.type('prod');
  await tabTo(app, /Account id/);
  await keyboard.type('123456789012');
  await keyboard.press('Enter');
  await expect(app.getByRole('dialog', { name: 'Add an access key' })).toBeVisible();
  await keyboard.type('deploy-bot');
  await tabTo(app, /Access key id/);
  await keyboard.type('AKIAIOSFODNN7EXAMPLE');
  await tabTo(app, /^ ?Secret access key/);
  await keyboard.type('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY');
  await keyboard.press('Enter');
  await expect(app.getByRole('article', { name: 'Access key deploy-bot' })).toBeVisible();

  await keyboard.press('Control+k');
  await keyboard.type('add a profile');
  await keyboard.press('Enter');
  await expect(app.getByRole('dialog', { name: 'Add a profile' })).toBeVisible();
  await keyboard.press('Enter');
  await expect(app.getByRole('article', { name: 'Profile prod' })).toBeVisible();

  await keyboard.press('Control+k');
  await keyboard.type('add a client');
  await keyboard.press('Enter');
  await expect(app.getByRole('dialog', { name: 'Add a client' })).toBeVisible();
  await keyboard.type('terraform');
  await keyboard.press('Enter');
  await expect(app.getByText('The secret is shown this once')).toBeVisible();
  await tabTo(app, /I have copied it/);
  await keyboard.press('Enter');
  await expect(app.getByRole('article', { name: 'Client terraform' })).toBeVisible();

  await keyboard.press('?');
  await expect(app.getByRole('dialog', { name: 'Shortcuts' })).toBeVisible();
  await keyboard.press('Escape');
  await keyboard.press('Control+l');
  await expect(app.getByRole('heading', { name: 'Unlock your vault' })).toBeVisible();
  await keyboard.type(VAULT_PASSWORD);
  await keyboard.press('Enter');
  await expect(app.getByRole('heading', { name: 'terraform' })).toBeVisible();
});

test('shortcuts work while a switch has the focus', async ({ home }) => {
  await home.keyboard.press('g');
  await home.keyboard.press('s');
  await expect(home.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await tabTo(home, /^ ?HTTPS/);
  await home.keyboard.press('Space');
  await expect(home.getByText(/^https:/)).toBeVisible();
  await home.keyboard.press('g');
  await home.keyboard.press('h');
  await expect(home.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
});
