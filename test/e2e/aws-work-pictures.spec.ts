import { mkdirSync } from 'node:fs';
import { type Page, test } from '@playwright/test';
import { KeyholdError } from '../../src/contract/errors.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/** Pictures of profiles with roles, of sessions and of rotations, as pictures.spec.ts takes them of the screens. */
test.skip(process.env['KEYHOLD_PICTURES'] === undefined, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';
const NARROW = { width: 640, height: 720 };
const WIDE = { width: 1280, height: 800 };

for (const scheme of ['light', 'dark'] as const) {
  test(`roles, sessions and rotations, ${scheme}`, async ({ browser }) => {
    test.setTimeout(180_000);
    mkdirSync(FOLDER, { recursive: true });
    const shell = await startFakePage(sampleVault(8));
    const context = await browser.newContext({ colorScheme: scheme, reducedMotion: 'reduce', viewport: WIDE });
    const page = await context.newPage();
    page.setDefaultTimeout(8_000);
    const shot = async (name: string) => {
      await page.mouse.move(635, 715);
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${FOLDER}/aws-${name}-${scheme}.png` });
    };
    await page.goto(shell.open());
    await page.getByRole('link', { name: 'Profiles', exact: true }).click();
    await open(page, 'reports-reader');
    await shot('profile-chained');
    await page.getByRole('article').evaluate((article) => article.scrollTo(0, 500));
    await shot('profile-chained-foot');
    await page.getByRole('button', { name: 'Edit' }).click();
    await shot('profile-edit-chained');
    await page.keyboard.press('Escape');
    await open(page, 'hub');
    await shot('profile-session');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('prod-admin');
    await dialog.getByRole('button', { name: /Signs with/ }).click();
    await page.getByRole('option', { name: /^prod . deploy-bot/ }).click();
    await dialog.getByText('A role', { exact: true }).click();
    await shot('profile-add-role');
    await dialog.getByRole('textbox', { name: 'Role ARN' }).fill('arn:aws:iam::111122223333:role/admin');
    await dialog.getByRole('combobox', { name: 'Session lasts' }).fill('13 h');
    await page.keyboard.press('Tab');
    await dialog.getByRole('button', { name: 'Add profile' }).click();
    await shot('profile-add-errors');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Sessions' }).click();
    await open(page, 'stage-admin');
    await shot('sessions-active');
    await page.getByRole('button', { name: 'Revoke…' }).click();
    await shot('sessions-revoke');
    await page.keyboard.press('Escape');
    await open(page, 'ci-deploy');
    await shot('sessions-refused');
    await page.getByRole('link', { name: 'Rotation' }).click();
    await open(page, 'ci');
    await shot('rotation-waiting');
    await page.getByRole('button', { name: 'Go on…' }).click();
    await shot('rotation-confirm');
    await page.keyboard.press('Escape');
    await open(page, 'dns');
    await shot('rotation-quarantine');
    await open(page, 'breakglass');
    await shot('rotation-due');
    await page.getByRole('button', { name: 'Rotate…' }).click();
    await shot('rotation-plan-before');
    await page.getByRole('button', { name: 'Make a plan' }).click();
    await shot('rotation-plan');
    await page.keyboard.press('Escape');
    await page.setViewportSize(NARROW);
    await shot('rotation-narrow-due');
    await page.getByRole('button', { name: 'Rotation', exact: true }).click();
    await shot('rotation-narrow');
    await page.getByRole('option', { name: /^ci\b/ }).click();
    await shot('rotation-narrow-detail');
    await page.getByRole('link', { name: 'Sessions' }).click();
    await shot('sessions-narrow');
    await page.getByRole('link', { name: 'Profiles', exact: true }).click();
    await page.getByRole('option', { name: /^reports-reader\b/ }).click();
    await shot('profile-narrow');
    await context.close();
    await shell.stop();

    const vault = sampleVault(0);
    const error = new KeyholdError(
      'Internal',
      'The list of sessions cannot be read now. Lock the vault and unlock it.',
    );
    vault.failing.set('session.list', error);
    const empty = await startFakePage(vault);
    const second = await browser.newContext({ colorScheme: scheme, viewport: WIDE });
    const other = await second.newPage();
    await other.goto(empty.open());
    for (const [name, label] of [
      ['rotation-empty', 'Rotation'],
      ['sessions-error', 'Sessions'],
    ] as const) {
      await other.getByRole('link', { name: label }).click();
      await other.waitForTimeout(500);
      await other.screenshot({ path: `${FOLDER}/aws-${name}-${scheme}.png` });
    }
    await second.close();
    await empty.stop();
  });
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
}
