import type { FakeContract, FakeVault } from '../../support/fake-contract.ts';
import { startFakePage } from '../../support/fake-page.ts';
import { test as base, expect } from '../fixtures.ts';

/** Tests over a fake vault that changes under the page, as when another client works on it. */
export const test = base.extend<{ over: (vault: FakeVault) => Promise<FakeContract> }>({
  over: async ({ page }, use) => {
    const stops: (() => Promise<void>)[] = [];
    await use(async (vault) => {
      const shell = await startFakePage(vault);
      stops.push(shell.stop);
      await page.goto(shell.open());
      await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
      return shell.contract;
    });
    for (const stop of stops) await stop();
  },
});

export { expect };
