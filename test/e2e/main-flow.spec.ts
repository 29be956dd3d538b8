import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { gatePage } from './pages/gate-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

test('from nothing to a client key, then lock and unlock', async ({ app, daemon }) => {
  const gate = gatePage(app);
  const vault = vaultPage(app);
  const groups = await gate.createVault(VAULT_PASSWORD);
  expect(groups).toHaveLength(8);
  await gate.confirmRecoveryCode(groups);

  await app.getByRole('button', { name: 'Add an account' }).click();
  await vault.addAccount('prod', '1234-5678-9012');
  await app.getByRole('button', { name: 'Add an access key' }).click();
  await vault.addKey('deploy-bot', KEY_ID, SECRET);
  await expect(app.getByRole('article', { name: 'Access key deploy-bot' })).toContainText('never used');

  await app.getByRole('button', { name: 'Add a profile' }).click();
  await vault.addProfile('prod');
  await expect(app.getByRole('article', { name: 'Profile prod' })).toContainText('keyhold exec prod -- aws s3 ls');

  await app.getByRole('button', { name: 'Add a client' }).click();
  const issued = await vault.addClient('terraform');
  expect(issued.accessKeyId).toMatch(/^KHLD[A-Z0-9]{16}$/);
  expect(issued.secretAccessKey.length).toBeGreaterThanOrEqual(40);
  const detail = app.getByRole('article', { name: 'Client terraform' });
  await expect(detail).toContainText(issued.accessKeyId);
  await detail.getByRole('tab', { name: 'boto3' }).click();
  await expect(detail.getByRole('tabpanel')).toContainText(daemon.endpoint);
  await expect(app.getByText(issued.secretAccessKey)).toHaveCount(0);
  expect(await app.content()).not.toContain(SECRET);

  await vault.lock();
  await expect(app.getByText('You locked it.')).toBeVisible();
  await expect(app.getByText('deploy-bot')).toHaveCount(0);
  await gate.unlock(VAULT_PASSWORD);
  await expect(app.getByRole('heading', { name: 'terraform' })).toBeVisible();

  const { keys } = await daemon.call('key.list', {});
  expect(keys.map((key) => [key.name, key.accessKeyId, key.account])).toEqual([['deploy-bot', KEY_ID, 'prod']]);
  const { accounts } = await daemon.call('account.list', {});
  expect(accounts[0]?.accountId).toBe('123456789012');
});

test('the token leaves the address bar and the history', async ({ app }) => {
  expect(app.url()).not.toContain('token');
  expect(await app.evaluate(() => window.history.length)).toBeLessThanOrEqual(2);
});

test('a weak password is refused with the reason, and nothing typed is lost', async ({ app }) => {
  const gate = gatePage(app);
  await gate.password.fill('password12');
  await gate.again.fill('password12');
  await expect(gate.strength).toHaveAttribute('aria-valuetext', 'Weak');
  await gate.create.click();
  await expect(app.getByText(/too easy to guess/)).toBeVisible();
  await expect(gate.password).toHaveValue('password12');
  await gate.password.fill(VAULT_PASSWORD);
  await expect(gate.strength).toHaveAttribute('aria-valuetext', 'Strong');
  await gate.create.click();
  await expect(app.getByText('The two passwords differ. Type the same one again.')).toBeVisible();
});

test('the recovery code must be confirmed, and opens the vault', async ({ app }) => {
  const gate = gatePage(app);
  const vault = vaultPage(app);
  const groups = await gate.createVault(VAULT_PASSWORD);
  await app.getByRole('button', { name: 'I have stored it' }).click();
  for (const field of await app.getByRole('textbox', { name: /^Group/ }).all()) await field.fill('0000');
  await app.getByRole('button', { name: 'Confirm' }).click();
  await expect(app.getByText(/This is not group \d of the code/).first()).toBeVisible();
  await app.getByRole('button', { name: 'Show the code again' }).click();
  await app.getByRole('button', { name: 'I have stored it' }).click();
  await expect(app.getByText('keyhold hsm mirror add PATH')).toBeVisible();
  await app.getByRole('button', { name: 'Show the code again' }).click();
  await gate.confirmRecoveryCode(groups);
  await app.getByRole('button', { name: 'Add a second copy' }).click();
  await expect(app.getByText('There is one copy of the vault')).toBeVisible();
  await app.getByRole('link', { name: 'Home' }).click();
  await vault.lock();
  await app.getByRole('button', { name: 'Use the recovery code instead' }).click();
  await app.getByLabel('Recovery code', { exact: true }).fill(groups.join(' ').toLowerCase());
  await gate.unlockButton.click();
  await expect(app.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
});

test('a wrong password says so; after five, a wait with a countdown', async ({ home }) => {
  const gate = gatePage(home);
  await vaultPage(home).lock();
  for (let attempt = 0; attempt < 6; attempt++) {
    await expect(gate.unlockButton).toBeEnabled();
    await gate.unlock(`wrong ${attempt}`);
    if (attempt === 0) {
      await expect(home.getByText(/This password does not open the vault/)).toBeVisible();
      await expect(gate.password).toHaveValue('');
    }
  }
  await expect(home.getByText(/You can try again in \d+ s/)).toBeVisible();
  await expect(gate.unlockButton).toBeDisabled();
  await expect(gate.unlockButton).toBeEnabled();
  await gate.unlock(VAULT_PASSWORD);
  await expect(home.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
});
