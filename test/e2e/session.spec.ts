import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { gatePage } from './pages/gate-page.ts';

test('the file that a browser is given lands in the app, signed in, and is gone', async ({ daemon, page }) => {
  const { file = '' } = await daemon.call('ui.open', { file: true });
  expect(readFileSync(file, 'utf8')).toContain('#token=');
  await page.goto(pathToFileURL(file).href);
  await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/#\/$/);
  const gate = gatePage(page);
  await gate.confirmRecoveryCode(await gate.createVault(VAULT_PASSWORD));
  expect(existsSync(file)).toBe(false);
});
