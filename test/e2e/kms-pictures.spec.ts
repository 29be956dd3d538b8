import { mkdirSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/** Pictures of the KMS's tabs, wizards and dialogs, as pictures.spec.ts takes them of the screens. */
test.skip(process.env['KEYHOLD_PICTURES'] === undefined, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';

for (const scheme of ['light', 'dark'] as const) {
  test(`kms, ${scheme}`, async ({ browser }) => {
    test.setTimeout(240_000);
    mkdirSync(FOLDER, { recursive: true });
    const shell = await startFakePage(sampleVault(8));
    const context = await browser.newContext({
      colorScheme: scheme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
    });
    const page = await context.newPage();
    const shot = async (name: string) => {
      await page.mouse.move(1270, 790);
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${FOLDER}/kms-${name}-${scheme}.png` });
    };
    await page.goto(shell.open());
    await page.getByRole('link', { name: 'KMS keys' }).click();
    await open(page, 'backup');
    await shot('overview');
    await page.getByRole('article').evaluate((article) => article.scrollTo(0, 10_000));
    await shot('overview-foot');
    await page.getByRole('tab', { name: 'Policy' }).click();
    await shot('policy-words');
    await page.getByRole('radio', { name: 'JSON' }).click();
    const editor = page.getByLabel('Policy document');
    await editor.fill((await editor.inputValue()).replaceAll('"Principal"', '"Principals"'));
    await shot('policy-json');
    await page.getByRole('button', { name: 'Save the policy' }).click();
    await shot('policy-refused');
    await page.getByRole('radio', { name: 'Changes' }).click();
    await shot('policy-changes');
    await page.getByRole('tab', { name: 'Grants' }).click();
    await shot('grants');
    await page.getByRole('button', { name: 'Create a grant' }).click();
    await shot('grant-dialog');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Rotation' }).click();
    await shot('rotation');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Schedule deletion…' }).click();
    await shot('delete');
    await page.keyboard.press('Escape');
    await open(page, 'hsm-escrow');
    await shot('pending-import');
    await page.getByRole('button', { name: 'Import material', exact: true }).click();
    await shot('import-1');
    await page.getByRole('button', { name: 'Next: encrypt' }).click();
    await shot('import-2');
    await page.getByRole('button', { name: 'Next: upload' }).click();
    await shot('import-3');
    await stepBack(page);
    await open(page, 'byok-2026');
    await page.getByRole('tab', { name: 'Rotation' }).click();
    await shot('imported');
    await open(page, 'old-reports');
    await shot('pending-deletion');
    await open(page, 'release-signing');
    await page.getByRole('button', { name: 'Show the public key' }).click();
    await shot('public-key');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await shot('create-1');
    for (const step of [2, 3, 4, 5]) {
      await page.getByRole('button', { name: /^Next/ }).click();
      await shot(`create-${step}`);
      if (step === 4) {
        await page.getByText('A policy that I write').click();
        await shot('create-4-own');
      }
    }
    await stepBack(page);
    await open(page, 'backup');
    await page.getByRole('button', { name: 'Encrypt or decrypt' }).click();
    await page.getByRole('textbox', { name: 'What to encrypt' }).fill('The crane is at berth seven.');
    const encrypt = page.getByRole('region', { name: 'Encrypt', exact: true });
    await encrypt.getByRole('button', { name: 'Add a pair' }).click();
    await encrypt.getByRole('textbox', { name: 'Name 1' }).fill('job');
    await encrypt.getByRole('textbox', { name: 'Value 1' }).fill('nightly');
    await encrypt.getByRole('button', { name: 'Encrypt', exact: true }).click();
    await page.getByRole('button', { name: 'Decrypt it' }).click();
    await page.getByRole('button', { name: 'Decrypt', exact: true }).click();
    await expect(page.getByText('by backup')).toBeVisible();
    await shot('playground');
    await page.getByRole('link', { name: 'Key stores' }).click();
    await shot('stores');
    await page.getByRole('link', { name: 'HSM' }).click();
    await shot('hsm');
    await page.getByRole('button', { name: 'Add a mirror' }).click();
    await shot('add-mirror');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Accounts' }).click();
    await page.getByRole('option', { name: /sandbox/ }).click();
    await shot('account');
    await page.getByRole('button', { name: 'Empty…' }).click();
    await shot('reset');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('In this vault', { exact: true }).click();
    await shot('account-add-local');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Clients' }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: /Profile/ }).click();
    await page.getByRole('option', { name: /sandbox/ }).click();
    await page.getByText('A principal of its own').click();
    await shot('client-add-local');
    await context.close();
    await shell.stop();
  });
}

async function open(page: Page, alias: string): Promise<void> {
  await page.getByRole('option', { name: new RegExp(`^${alias}\\b`) }).click();
  await expect(page.getByRole('article', { name: `KMS key ${alias}` })).toBeVisible();
}

/** Escape steps back once; from the first step it closes. */
async function stepBack(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await expect(async () => {
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden({ timeout: 100 });
  }).toPass();
}
