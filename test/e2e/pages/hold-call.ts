import type { Page } from '@playwright/test';
import { WEB } from '../../../src/contract/wire.ts';

/** Keeps what the page asks of one method from the daemon until it is let go; `asked` resolves with the first of it. */
export async function holdCall(page: Page, method: string): Promise<{ asked: Promise<void>; letGo: () => void }> {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  await page.route(`**${WEB.call}`, async (route) => {
    if (route.request().postDataJSON()?.method === method) {
      asked.resolve();
      await gone.promise;
    }
    await route.continue();
  });
  return { asked: asked.promise, letGo: gone.resolve };
}
