import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startTestDaemon } from '../support/daemon.ts';
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

test('a reload stays signed in, and so does a tab that was duplicated', async ({ home, context }) => {
  await home.reload();
  await expect(home.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  // A tab that a page of the app opens starts with a copy of its session storage, as a duplicate does.
  const opening = context.waitForEvent('page');
  await home.evaluate(() => window.open(window.location.href));
  await expect((await opening).getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
});

test('a second tab says how to sign in, and a one-time link pasted into it does', async ({ home, daemon, context }) => {
  const address = home.url();
  const second = await context.newPage();
  await second.goto(address);
  await expect(second.getByRole('heading', { name: 'This tab is not signed in' })).toBeVisible();
  await expect(second.getByText('keyhold open', { exact: true })).toBeVisible();
  const { url } = await daemon.call('ui.open', {});
  await second.goto(url);
  await expect(second.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  expect(second.url()).not.toContain('token');
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  for (const tab of [home, second]) {
    await tab.getByRole('link', { name: 'Accounts', exact: true }).click();
    await expect(tab.getByRole('option', { name: /prod/ })).toBeVisible();
  }
});

test('what another server on this machine gets of the session opens nothing', async ({ home, daemon, context }) => {
  const got: string[] = [];
  const other = createServer((request, response) => {
    got.push(request.headers.cookie ?? '');
    response.end('hello');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const visitor = await context.newPage();
  await visitor.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/innocent`);
  other.close();
  // The browser does hand over the cookie: this is what the key of each tab is for.
  const cookie = got.find((one) => one.startsWith('keyhold-session-'));
  expect(cookie).toBeDefined();
  const ask = (headers: Record<string, string>) =>
    fetch(`${daemon.ui}/api/call`, {
      method: 'POST',
      headers: { origin: daemon.ui, 'content-type': 'application/json', cookie: cookie ?? '', ...headers },
      body: '{"method":"status.get","params":{}}',
    });
  expect((await ask({})).status).toBe(401);
  const pageKey = await home.evaluate(() => window.sessionStorage.getItem('keyhold-page-key'));
  expect((await ask({ 'x-keyhold-session': pageKey ?? '' })).status).toBe(200);
  expect(await visitor.evaluate(() => window.sessionStorage.getItem('keyhold-page-key'))).toBeNull();
});

test('after a restart the page says that its session is over and how to open a new one, and does not spin', async ({
  page,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'kh-restart-'));
  const first = await startTestDaemon({ home: folder });
  await first.create(VAULT_PASSWORD);
  await page.goto((await first.call('ui.open', {})).url);
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.keyboard.press('n');
  const name = page.getByRole('dialog').getByRole('textbox', { name: 'Name' });
  await name.fill('half-typed');
  await first.stop();
  const second = await startTestDaemon({ home: folder });
  try {
    const said = page.getByRole('alert').filter({ hasText: 'Keyhold is not answering.' });
    await expect(said).toContainText('this tab’s session ended');
    await expect(said).toContainText('keyhold open');
    // What was typed can still be copied out of the page.
    await expect(name).toHaveValue('half-typed');
    await expect(page.getByRole('progressbar')).toHaveCount(0);
    await expect(page.getByText(/trying|loading/i)).toHaveCount(0);
    await page.goto((await second.call('ui.open', {})).url);
    await expect(page.getByRole('heading', { name: 'Unlock your vault' })).toBeVisible();
  } finally {
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
