import { test as base, expect, type Page } from '@playwright/test';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { DAEMON_WITH_KEYS, EmulatedKeys } from '../support/emulated-keys.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/** A password that the strength meter lets pass, and that stands in no list. */
export const VAULT_PASSWORD = 'harbour ferret cobalt lattice 47';

export interface Fixtures {
  /** A daemon of its own with an empty folder. */
  daemon: TestDaemon;
  /** A page signed in to it, in whatever state the vault is. */
  app: Page;
  /** A vault made by the contract, unlocked, and the page on its home screen. */
  home: Page;
  /** A page over a fake vault with this many rows. */
  fake: (rows: number) => Promise<Page>;
  /** As `home`, with security keys to plug in: the emulators of test/device in the daemon's process. */
  keyed: { page: Page; daemon: TestDaemon; keys: EmulatedKeys };
  /** Breaks of the page's content security policy; asserted to be none after each test. */
  violations: string[];
}

export const test = base.extend<Fixtures>({
  violations: [
    async ({ page }, use) => {
      const violations: string[] = [];
      page.on('console', (message) => {
        if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
      });
      page.on('pageerror', (error) => violations.push(String(error)));
      await use(violations);
      expect(violations).toEqual([]);
    },
    { auto: true },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures' names from the pattern
  daemon: async ({}, use) => {
    const daemon = await startTestDaemon();
    await use(daemon);
    await daemon.stop();
  },
  app: async ({ daemon, page }, use) => {
    const { url } = await daemon.call('ui.open', {});
    await page.goto(url);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await use(page);
  },
  home: async ({ daemon, page }, use) => {
    await daemon.create(VAULT_PASSWORD);
    const { url } = await daemon.call('ui.open', {});
    await page.goto(url);
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
    await use(page);
  },
  keyed: async ({ page }, use) => {
    const daemon = await startTestDaemon({ main: DAEMON_WITH_KEYS });
    await daemon.create(VAULT_PASSWORD);
    const { url } = await daemon.call('ui.open', {});
    await page.goto(url);
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
    await use({ page, daemon, keys: new EmulatedKeys(daemon.process) });
    await daemon.stop();
  },
  fake: async ({ page }, use) => {
    const stops: (() => Promise<void>)[] = [];
    await use(async (rows) => {
      const shell = await startFakePage(sampleVault(rows));
      stops.push(shell.stop);
      await page.goto(shell.open());
      await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
      return page;
    });
    for (const stop of stops) await stop();
  },
});

export { expect };
