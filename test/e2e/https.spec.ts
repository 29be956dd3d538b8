import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { expect, test } from './fixtures.ts';
import { vaultPage } from './pages/vault-page.ts';

/** The status with which the HTTPS door answers whoever trusts just this certificate. */
function askOverTls(url: string, ca: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, ca }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', reject);
  });
}

test('HTTPS is switched on, and the certificate that is saved is the one to trust', async ({ home, daemon }) => {
  await vaultPage(home).go('Settings');
  const door = home.getByRole('region', { name: 'Front door' });
  await door.locator('label', { hasText: 'HTTPS' }).click();
  const address = door.getByText(/^https:\/\/127\.0\.0\.1:\d+$/);
  await expect(address).toBeVisible();
  expect((await daemon.call('status.get', {})).endpoint).toBe(daemon.endpoint);
  const [download] = await Promise.all([
    home.waitForEvent('download'),
    door.getByRole('button', { name: 'Save certificate' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('keyhold-ca.pem');
  const pem = readFileSync(await download.path(), 'utf8');
  expect(new X509Certificate(pem).ca).toBe(true);
  expect((await daemon.call('ca.export', {})).pem).toBe(pem);
  // It answers, and what it says is that a browserless GET without a signature gets nothing.
  expect(await askOverTls(await address.innerText(), pem)).toBe(403);
  await door.locator('label', { hasText: 'HTTPS' }).click();
  await expect(address).toBeHidden();
  expect((await daemon.call('status.get', {})).httpsEndpoint).toBeNull();
});

test('a port that is taken is said, and the door stays where it was', async ({ home, daemon }) => {
  await vaultPage(home).go('Settings');
  const door = home.getByRole('region', { name: 'Front door' });
  const port = door.getByRole('textbox', { name: 'Port' });
  await port.fill(new URL(daemon.ui).port);
  await port.press('Enter');
  await expect(home.getByText(new RegExp(`${new URL(daemon.ui).port}.*(taken|in use)`))).toBeVisible();
  expect((await daemon.call('status.get', {})).endpoint).toBe(daemon.endpoint);
  await port.fill('70000');
  await port.press('Enter');
  await expect(door.getByText('A port is a number from 1 to 65535.')).toBeVisible();
});
