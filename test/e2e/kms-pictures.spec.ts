import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { sampleVault } from '../support/fake-contract.ts';
import { sampleKms } from '../support/fake-kms.ts';
import { startFakePage } from '../support/fake-page.ts';
import { filesPage } from './pages/files-page.ts';

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
    await page.getByRole('button', { name: 'Create', exact: true }).click();
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
    await page.getByRole('button', { name: 'Decrypt it', exact: true }).click();
    await page.getByRole('button', { name: 'Decrypt', exact: true }).click();
    await expect(page.getByText('by backup')).toBeVisible();
    await shot('playground');
    await pictureFiles(page, shot);
    await page.getByRole('link', { name: 'Key stores' }).click();
    await page.getByRole('option', { name: /vault-room/ }).click();
    await shot('stores');
    await page.getByRole('option', { name: /escrow/ }).click();
    await shot('store-failed');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByText('Replace the credential').click();
    await shot('store-edit');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await shot('store-create');
    await page.getByText('An external key manager').click();
    await page.getByRole('button', { name: 'Create the key store' }).click();
    await shot('store-create-errors');
    await page.keyboard.press('Escape');
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
    await page.getByRole('option', { name: /^sandbox/ }).click();
    await page.getByText('A principal of its own').click();
    await shot('client-add-local');
    await context.close();
    await shell.stop();
  });
}

async function pictureFiles(page: Page, shot: (name: string) => Promise<void>): Promise<void> {
  const files = filesPage(page);
  const folder = mkdtempSync(join(tmpdir(), 'kh-pictures-'));
  const plain = join(folder, 'web-01-home-2026-11-28.tar.zst');
  writeFileSync(plain, Buffer.alloc(3_400_000));
  await files.panel.scrollIntoViewIfNeeded();
  await shot('files');
  await files.choose(plain);
  await files.panel.getByRole('button', { name: 'Add a key' }).click();
  await files.addPair('job', 'nightly');
  await files.panel.scrollIntoViewIfNeeded();
  await shot('files-encrypt');
  const message = join(folder, 'notes.txt.encrypted');
  writeFileSync(message, sampleMessage());
  await files.choose(message);
  await expect(files.decrypt).toBeVisible();
  await files.panel.scrollIntoViewIfNeeded();
  await shot('files-decrypt');
  await page.evaluate(() => Object.defineProperty(window, 'showSaveFilePicker', { value: undefined }));
  await files.save('decrypt');
  await files.panel.scrollIntoViewIfNeeded();
  await shot('files-done');
  rmSync(folder, { recursive: true });
}

/** The header of a message for the first key of the fake KMS, and for one that is not here. */
function sampleMessage(): Buffer {
  const field = (text: string): Buffer => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const [own] = sampleKms(1, Date.now()).keys;
  const keys = [own?.arn ?? '', 'arn:aws:kms:eu-west-1:210987654321:key/0d5e1f6a-7c55-4d2c-9f7e-3f6a1d2b4c5e'];
  const context = Buffer.concat([Buffer.from([0, 2]), ...['host', 'web-01', 'job', 'nightly'].map(field)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(context.length);
  return Buffer.concat([
    Buffer.from([2, 0x05, 0x78]),
    Buffer.alloc(32),
    length,
    context,
    Buffer.from([0, keys.length]),
    ...keys.flatMap((key) => [field('aws-kms'), field(key), field('wrapped')]),
    Buffer.alloc(5000),
  ]);
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
