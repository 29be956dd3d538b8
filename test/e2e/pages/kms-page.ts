import { expect, type Page } from '@playwright/test';

/** The KMS keys: the list, one key beside it, and the dialogs. */
export function kmsPage(page: Page) {
  const dialog = page.getByRole('dialog');
  return {
    dialog,
    alert: page.getByRole('alertdialog'),

    key: (name: string) => page.getByRole('article', { name: `KMS key ${name}` }),
    row: (name: string) => page.getByRole('option', { name: new RegExp(`^${name}\\b`) }),
    tab: (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) }).click(),

    async openMenu(item: string): Promise<void> {
      await page.getByRole('article').getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: item }).click();
    },

    /** Through the wizard, with what is usual in every step but the name. */
    async createKey(alias: string, choose: { material?: string } = {}): Promise<void> {
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await dialog.getByRole('button', { name: 'Next: kind' }).click();
      if (choose.material !== undefined) await dialog.getByText(choose.material, { exact: true }).click();
      await dialog.getByRole('button', { name: 'Next: name' }).click();
      await dialog.getByRole('textbox', { name: 'Alias' }).fill(alias);
      await dialog.getByRole('button', { name: 'Next: policy' }).click();
      await dialog.getByRole('button', { name: 'Next: review' }).click();
      await dialog.getByRole('button', { name: 'Create the key' }).click();
      await expect(dialog).toBeHidden();
      await expect(page.getByRole('article', { name: `KMS key ${alias}` })).toBeVisible();
    },
  };
}
