import { mkdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/** Pictures of the dialogs, as pictures.spec.ts takes them of the screens. */
test.skip(process.env['KEYHOLD_PICTURES'] === undefined, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';

for (const scheme of ['light', 'dark'] as const) {
  test(`dialogs, ${scheme}`, async ({ browser }) => {
    mkdirSync(FOLDER, { recursive: true });
    const shell = await startFakePage(sampleVault(8));
    const context = await browser.newContext({
      colorScheme: scheme,
      reducedMotion: 'reduce',
      viewport: { width: 1100, height: 720 },
    });
    const page = await context.newPage();
    const shot = async (name: string) => {
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${FOLDER}/dialog-${name}-${scheme}.png` });
    };
    await page.goto(shell.open());
    await expect(page.getByRole('heading', { name: 'Home' })).toBeVisible();
    await page.keyboard.press('Control+k');
    await shot('palette');
    await page.keyboard.type('deploy');
    await shot('palette-search');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await shot('shortcuts');
    await page.keyboard.press('Escape');
    for (const [chord, name] of [
      ['k', 'key'],
      ['a', 'account'],
      ['p', 'profile'],
      ['c', 'client'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(chord);
      await page.keyboard.press('n');
      await expect(page.getByRole('dialog')).toBeVisible();
      await shot(`add-${name}`);
      if (name === 'key') {
        await page.getByRole('button', { name: 'Add access key' }).click();
        await shot('add-key-errors');
        await page.getByRole('button', { name: 'From a file…' }).click();
        await shot('add-key-file');
      }
      if (name === 'client') {
        await page.getByRole('button', { name: /Choose… Profile/ }).click();
        await shot('add-client-select');
        await page.keyboard.press('Escape');
      }
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog')).toBeHidden();
    }
    await page.getByRole('link', { name: 'Access keys' }).click();
    await page.getByRole('option', { name: /deploy-bot/ }).click();
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await shot('ticked');
    await page.getByRole('button', { name: 'Remove…' }).first().click();
    await shot('remove');
    await page.keyboard.press('Escape');
    await page.getByRole('toolbar').getByRole('button', { name: 'Disable' }).click();
    await shot('toast');
    shell.contract.emit({
      type: 'notice',
      level: 'error',
      message: 'The HSM process ended unexpectedly. The vault is locked; nothing was lost.',
    });
    await shot('notice');
    await page.getByRole('link', { name: 'Settings' }).click();
    for (const name of ['Change password…', 'New recovery code…', 'Back up…', 'Restore…']) {
      await page.getByRole('button', { name }).click();
      await shot(`settings-${name.replace(/\W+/g, '-').toLowerCase()}`);
      await page.keyboard.press('Escape');
    }
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByRole('button', { name: 'Verify' }).click();
    await shot('verify');
    await page.keyboard.press('Escape');
    await shell.stop();
    await expect(page.getByText('Keyhold is not answering.')).toBeVisible();
    await shot('disconnected');
    await context.close();
  });
}
