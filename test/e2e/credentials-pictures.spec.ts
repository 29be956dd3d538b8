import { mkdirSync } from 'node:fs';
import { type Page, test } from '@playwright/test';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/** Pictures of passwords and SSH keys, PINs of tokens, and certificates from files. */
test.skip(process.env['KEYHOLD_PICTURES'] === undefined, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';

for (const scheme of ['light', 'dark'] as const) {
  test(`credentials besides keys, ${scheme}`, async ({ browser }) => {
    test.setTimeout(120_000);
    mkdirSync(FOLDER, { recursive: true });
    const vault = sampleVault(8);
    const shell = await startFakePage(vault);
    const context = await browser.newContext({
      colorScheme: scheme,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 800 },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(8_000);
    const shot = async (name: string) => {
      await page.mouse.move(635, 795);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${FOLDER}/more-${name}-${scheme}.png` });
    };
    const size = (width: number, height: number) => page.setViewportSize({ width, height });
    await page.goto(shell.open());
    await page.getByRole('link', { name: 'Access keys' }).click();
    await page.getByRole('option', { name: /deploy-bot/ }).click();
    await shot('keys');
    await page.getByRole('radio', { name: 'Passwords and SSH keys' }).click();
    for (const name of ['git', 'git-ssh', 'mail', 'models']) {
      await open(page, name);
      await shot(`credential-${name}`);
    }
    await page.getByRole('button', { name: 'Complete it…' }).click();
    await page.getByRole('button', { name: 'Complete it', exact: true }).click();
    await page.getByText('One has appeared in IAM').waitFor();
    await shot('complete');
    await page.keyboard.press('Escape');
    await open(page, 'git');
    await page.getByRole('button', { name: 'Show the password…' }).click();
    await shot('reveal');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Rotate…' }).click();
    await page.getByRole('button', { name: 'Make a plan' }).click();
    await shot('rotate');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await shot('remove');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await shot('add-smtp');
    await page.getByText('Password or API key', { exact: true }).click();
    await page.getByText('One that I have').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    await shot('add-existing');
    await page.keyboard.press('Escape');
    await size(900, 600);
    await shot('small');
    await size(1280, 800);
    await page.getByRole('link', { name: 'Rotation' }).click();
    await open(page, 'git');
    await shot('board');
    await page.getByRole('button', { name: 'Rotate all due…' }).click();
    await shot('many');
    await page.getByRole('button', { name: 'Make the plans' }).click();
    await shot('many-plans');
    await page.keyboard.press('Escape');
    const [token] = vault.tokens;
    if (token !== undefined) {
      token.connection = { state: 'refused', message: 'The token refused its PIN, which is not tried again.' };
      token.pinUnsettledSince = new Date(Date.now() - 3_600_000).toISOString();
    }
    await page.getByRole('link', { name: 'HSM' }).click();
    await page.getByRole('region', { name: 'Tokens' }).scrollIntoViewIfNeeded();
    await shot('tokens');
    await page.getByRole('button', { name: /^Enter the PIN…/ }).click();
    await page.getByLabel('PIN of the token vault-room', { exact: true }).fill('1234');
    await page.getByRole('button', { name: 'Keep this PIN' }).click();
    await shot('pin-enter');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More for vault-room' }).click();
    await page.getByRole('menuitem', { name: 'Change the PIN…' }).click();
    await shot('pin-change');
    await page.keyboard.press('Escape');
    await page.getByRole('region', { name: 'Certificates' }).scrollIntoViewIfNeeded();
    await page.getByRole('button', { name: /^Import…/ }).click();
    await shot('import');
    await page.locator('input[type=file]').setInputFiles([
      { name: 'build.pem', mimeType: 'application/x-pem-file', buffer: Buffer.from(PEM + PEM) },
      { name: 'build.key', mimeType: 'application/x-pem-file', buffer: Buffer.from(KEY) },
    ]);
    await page.getByText('2 certificates').waitFor();
    await shot('import-chosen');
    await context.close();
    await shell.stop();
  });
}

test('a vault without any, light', async ({ browser }) => {
  const shell = await startFakePage(sampleVault(0));
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${shell.open()}`);
  await page.getByRole('link', { name: 'Access keys' }).click();
  await page.getByRole('radio', { name: 'Passwords and SSH keys' }).click();
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${FOLDER}/more-empty-light.png` });
  await context.close();
  await shell.stop();
});

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('option', { name: new RegExp(`^${name} `) }).click();
}
