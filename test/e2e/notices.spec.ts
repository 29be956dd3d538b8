import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Status } from '../../src/contract/schemas.ts';
import { startTestDaemon } from '../support/daemon.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';
import { tamper } from '../support/vault.ts';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { gatePage } from './pages/gate-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const TAMPERED =
  'The audit log was changed while the vault was locked: entry 41 is missing. What is known is in the log.';
const FULL = 'The disk is full. The vault can be read, checked and backed up elsewhere.';

test('what the daemon warns of stands on every screen until it is dismissed or over', async ({ page }) => {
  const vault = sampleVault(3);
  const { contract, open, stop } = await startFakePage(vault);
  await page.goto(open());
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  const status = async () => {
    const now = Status.parse(await contract.call('status.get', {}, 'web'));
    contract.emit({ type: 'status', status: now });
  };
  contract.emit({ type: 'notice', level: 'error', message: TAMPERED });
  vault.status = { warning: FULL };
  await status();
  await page.getByRole('link', { name: 'Accounts', exact: true }).click();
  const tampered = page.getByRole('alert').filter({ hasText: TAMPERED });
  const full = page.getByRole('alert').filter({ hasText: FULL });
  await expect(tampered).toBeVisible();
  await expect(full).toBeVisible();
  await expect(full.getByRole('button')).toHaveCount(0);
  await tampered.getByRole('button', { name: 'Dismiss' }).click();
  await expect(tampered).toBeHidden();
  vault.status = {};
  await status();
  await expect(full).toBeHidden();
  await stop();
});

test('a page that lost the daemon says so beside its state, and puts everything away when the vault was to lock', async ({
  page,
}) => {
  const vault = sampleVault(3);
  vault.status = { locksAt: new Date(Date.now() + 14 * 60_000).toISOString() };
  await page.clock.install();
  const { open, stop } = await startFakePage(vault);
  await page.goto(open());
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  await expect(page.getByText(/^Locks in 1[345] min$/)).toBeVisible();
  await stop();
  await expect(page.getByText('Not connected')).toBeVisible();
  await expect(page.getByText('Unlocked', { exact: true })).toBeHidden();
  await expect(page.getByText(/^This page clears in 1[345] min$/)).toBeVisible();
  await page.clock.fastForward('16:00');
  await expect(page.getByText(/has put away what it showed/)).toBeVisible();
  await expect(page.getByText('deploy-bot')).toHaveCount(0);
});

test('who unlocks a vault whose log was changed meanwhile is told, and goes on being told', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'kh-notices-'));
  const first = await startTestDaemon({ home: folder });
  await first.create(VAULT_PASSWORD);
  await page.goto((await first.call('ui.open', {})).url);
  await vaultPage(page).lock();
  await gatePage(page).unlock('not the password');
  await expect(page.getByText(/This password does not open the vault/)).toBeVisible();
  await first.stop();
  tamper(join(folder, 'vault.keyhold'), (db) => db.exec('DELETE FROM audit_pending'));
  const second = await startTestDaemon({ home: folder });
  try {
    await page.goto((await second.call('ui.open', {})).url);
    await gatePage(page).unlock(VAULT_PASSWORD);
    const said = page.getByRole('alert').filter({ hasText: 'The audit log was changed while the vault was locked' });
    await expect(said).toBeVisible();
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
    await expect(said).toBeVisible();
  } finally {
    await second.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
