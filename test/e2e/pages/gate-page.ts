import { expect, type Page } from '@playwright/test';

/** The screens before the vault is open: create, recovery code, unlock. */
export function gatePage(page: Page) {
  const password = page.getByLabel('Password', { exact: true });
  const again = page.getByLabel('Repeat password', { exact: true });
  return {
    password,
    again,
    strength: page.getByRole('meter', { name: 'Password strength' }),
    create: page.getByRole('button', { name: 'Create vault' }),
    unlockButton: page.getByRole('button', { name: 'Unlock' }),

    async createVault(secret: string): Promise<string[]> {
      await password.fill(secret);
      await again.fill(secret);
      await page.getByRole('button', { name: 'Create vault' }).click();
      await expect(page.getByRole('heading', { name: 'Your recovery code' })).toBeVisible();
      return page.getByRole('list', { name: 'Recovery code' }).locator('[data-group]').allTextContents();
    },

    async confirmRecoveryCode(groups: readonly string[]): Promise<void> {
      await page.getByRole('button', { name: 'I have stored it' }).click();
      for (const field of await page.getByRole('textbox', { name: /^Group \d+$/ }).all()) {
        const label = await field.evaluate((input) =>
          input instanceof HTMLInputElement ? input.labels?.[0]?.textContent : '',
        );
        await field.fill(groups[Number(/\d+/.exec(label ?? '')?.[0]) - 1] ?? '');
      }
      await page.getByRole('button', { name: 'Confirm' }).click();
      await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
    },

    async unlock(secret: string): Promise<void> {
      await password.fill(secret);
      await page.getByRole('button', { name: 'Unlock' }).click();
    },
  };
}
