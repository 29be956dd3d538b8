import type { Page } from '@playwright/test';

/** The page of security keys, its dialogs, and the unlock page as far as keys go. */
export function securityKeysPage(page: Page) {
  const dialog = page.getByRole('dialog');
  return {
    dialog,
    alert: page.getByRole('alertdialog'),
    known: page.getByRole('region', { name: 'Keys of this vault' }),
    plugged: page.getByRole('region', { name: 'Plugged in' }),
    prompts: page.getByRole('status').filter({ hasText: /Touch your security key|Plug in your security key/ }),
    pin: page.getByLabel(/^PIN of the key/),
    touch: page.getByText('Touch your security key', { exact: true }),

    async menu(name: string, item: string): Promise<void> {
      await page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
      await page.getByRole('menuitem', { name: item }).click();
    },
  };
}
