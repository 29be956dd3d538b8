import type { AuditEvent } from '../../src/contract/schemas.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';
import { expect, test } from './fixtures.ts';

test('a search goes back through the whole log, can be stopped, and counts only what it knows', async ({ page }) => {
  const vault = sampleVault(3);
  // Far more than one call looks at, and what is looked for at the very beginning.
  vault.events = Array.from({ length: 22_000 }, (_, index): AuditEvent => {
    const at = Date.now() - (22_000 - index) * 60_000;
    return {
      id: index.toString(16).padStart(32, '0'),
      time: new Date(at).toISOString(),
      kind: 'request',
      action: index === 3 ? 'DeleteTrail' : 'GetObject',
      decision: 'allowed',
      actor: 'door',
      client: 'terraform',
      service: 's3',
      status: 200,
    };
  });
  const { open, stop } = await startFakePage(vault);
  await page.goto(open());
  await page.getByRole('link', { name: 'Activity', exact: true }).click();
  await expect(page.getByText('22,000 entries')).toBeVisible();

  // The second part of the log is answered when this test says so.
  let answer: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route('**/api/call', async (route) => {
    const body = route.request().postData() ?? '';
    if (body.includes('deletetrail') && body.includes('"before"')) await held;
    await route.continue();
  });
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('deletetrail');
  await expect(page.getByRole('progressbar', { name: 'Searching older entries' })).toBeVisible();
  await expect(page.getByText(/back to \d+ \w+ \d{4}/)).toBeVisible();
  await expect(page.getByText(/ found$/)).toHaveCount(0);
  await expect(page.getByText('No entry matches.')).toHaveCount(0);
  await page.getByRole('button', { name: 'Stop' }).click();
  answer();
  await expect(page.getByText(/Searched back to /)).toBeVisible();
  await page.getByRole('button', { name: 'Search on' }).click();
  await expect(page.getByRole('option', { name: /DeleteTrail/ })).toBeVisible();
  await expect(page.getByText('1 found')).toBeVisible();

  await page.getByRole('searchbox', { name: 'Search the log' }).fill('no such thing');
  await expect(page.getByText('No entry matches.')).toBeVisible();
  await expect(page.getByText('0 found')).toBeVisible();
  await stop();
});
