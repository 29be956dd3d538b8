import type { Page } from '@playwright/test';

/** Presses Tab until the element with this accessible name has the focus. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    const focused = page.locator(':focus');
    if ((await focused.count()) === 1) {
      const label = await focused.evaluate((element) =>
        [
          element.getAttribute('aria-label'),
          element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element.textContent,
        ].join(' '),
      );
      if (name.test(label)) return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${name}`);
}
