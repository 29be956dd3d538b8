import { expect, type Page } from '@playwright/test';

/** The files part of the Encrypt screen. */
export function filesPage(page: Page) {
  const panel = page.getByRole('region', { name: 'Files' });
  return {
    panel,
    place: panel.getByText(/^Drop a(nother| file)/),
    encrypt: panel.getByRole('button', { name: 'Encrypt and save…' }),
    decrypt: panel.getByRole('button', { name: 'Decrypt and save…' }),
    cancel: panel.getByRole('button', { name: 'Cancel' }),

    async choose(file: string): Promise<void> {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        panel.getByRole('button', { name: 'Choose a file…' }).click(),
      ]);
      await chooser.setFiles(file);
    },

    async addPair(name: string, value: string): Promise<void> {
      await panel.getByRole('button', { name: 'Add a pair' }).click();
      await panel.getByRole('textbox', { name: /^Name/ }).last().fill(name);
      await panel
        .getByRole('textbox', { name: /^Value/ })
        .last()
        .fill(value);
    },

    async chooseKey(place: number, name: string): Promise<void> {
      await panel.getByRole('button', { name: new RegExp(`Key ${place}$`) }).click();
      await page.getByRole('option', { name }).click();
      await expect(panel.getByRole('button', { name: new RegExp(`^${name}.*Key ${place}$`) })).toBeVisible();
    },

    /** Presses a button that saves, and answers where the download is and what it is called. */
    async save(button: 'encrypt' | 'decrypt'): Promise<{ path: string; name: string }> {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        (button === 'encrypt' ? this.encrypt : this.decrypt).click(),
      ]);
      return { path: await download.path(), name: download.suggestedFilename() };
    },
  };
}
