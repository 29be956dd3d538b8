import type { AuditEvent } from '../../src/contract/schemas.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';
import { expect, test } from './fixtures.ts';

/** A log far longer than what one call looks at, in which only the entries with these numbers are of what is looked for. */
function longVault(isWanted: (index: number) => boolean) {
  const vault = sampleVault(3);
  vault.events = Array.from({ length: 22_000 }, (_, index): AuditEvent => {
    const at = Date.now() - (22_000 - index) * 60_000;
    return {
      id: index.toString(16).padStart(32, '0'),
      time: new Date(at).toISOString(),
      kind: 'request',
      action: isWanted(index) ? 'DeleteTrail' : 'GetObject',
      decision: 'allowed',
      actor: 'door',
      client: 'terraform',
      service: 's3',
      status: 200,
    };
  });
  return vault;
}

test('a search goes back through the whole log, can be stopped, and counts only what it knows', async ({ page }) => {
  // What is looked for is at the very beginning.
  const vault = longVault((index) => index === 3);
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

test('who scrolled to the last of many keeps the way to stop the search until there are more', async ({ page }) => {
  // Sixty in the newest part, and the next one at the very beginning.
  const { open, stop } = await startFakePage(longVault((index) => index === 3 || index >= 21_940));
  await page.goto(open());
  await page.getByRole('link', { name: 'Activity', exact: true }).click();
  await expect(page.getByText('22,000 entries')).toBeVisible();
  const parts: PromiseWithResolvers<void>[] = [];
  await page.route('**/api/call', async (route) => {
    const body = route.request().postData() ?? '';
    if (body.includes('deletetrail') && body.includes('"before"')) {
      const part = Promise.withResolvers<void>();
      parts.push(part);
      await part.promise;
    }
    await route.continue();
  });
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('deletetrail');
  const list = page.getByRole('listbox', { name: 'Activity' });
  await expect(list.getByRole('option').first()).toHaveAttribute('aria-setsize', '60');
  await list.press('End');
  const stopButton = page.getByRole('button', { name: 'Stop' });
  await expect(stopButton).toBeVisible();
  await stopButton.evaluate((button) => button.setAttribute('data-kept', ''));
  expect(parts).toHaveLength(1);
  parts[0]?.resolve();
  await expect.poll(() => parts.length, 'the part before is asked for').toBe(2);
  await expect(stopButton).toHaveAttribute('data-kept', '');
  parts[1]?.resolve();
  await expect.poll(() => parts.length, 'the part before that is asked for').toBe(3);
  await expect(stopButton).toHaveAttribute('data-kept', '');
  // The last but one and the last.
  parts[2]?.resolve();
  await expect.poll(() => parts.length, 'the first part is asked for').toBe(4);
  parts[3]?.resolve();
  await expect(page.getByText('61 found')).toBeVisible();
  await stop();
});
