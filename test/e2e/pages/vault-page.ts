import { expect, type Page } from '@playwright/test';

/** The open vault: moving about, and the dialogs that add things. */
export function vaultPage(page: Page) {
  const dialog = page.getByRole('dialog');
  return {
    dialog,
    feed: page.getByRole('list', { name: 'Live requests' }),

    async go(screen: string): Promise<void> {
      await page.getByRole('link', { name: screen, exact: true }).click();
      await expect(page.getByRole('heading', { name: screen, level: 1 })).toBeVisible();
    },

    async addAccount(name: string, id: string): Promise<void> {
      await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
      await dialog.getByRole('textbox', { name: 'Account id' }).fill(id);
      await dialog.getByRole('button', { name: /^(Add account|Next: the key)$/ }).click();
    },

    async addKey(name: string, id: string, secret: string): Promise<void> {
      await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
      await dialog.getByRole('textbox', { name: 'Access key id' }).fill(id);
      await dialog.getByLabel('Secret access key', { exact: true }).fill(secret);
      await dialog.getByRole('button', { name: 'Add access key' }).click();
      await expect(dialog).toBeHidden();
    },

    async addProfile(name: string): Promise<void> {
      await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
      await dialog.getByRole('button', { name: 'Add profile' }).click();
      await expect(dialog).toBeHidden();
    },

    /** Answers what was shown, this once. */
    async addClient(name: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
      await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
      await dialog.getByRole('button', { name: 'Add client' }).click();
      await expect(dialog.getByText('The secret is shown this once')).toBeVisible();
      const accessKeyId = await dialog.getByTestId('client-key-id').innerText();
      const secretAccessKey = await dialog.getByTestId('client-secret').innerText();
      await dialog.getByRole('button', { name: 'I have copied it' }).click();
      await expect(dialog).toBeHidden();
      return { accessKeyId, secretAccessKey };
    },

    async lock(): Promise<void> {
      await page.getByRole('button', { name: 'Lock the vault' }).click();
      await expect(page.getByRole('heading', { name: 'Unlock your vault' })).toBeVisible();
    },
  };
}
