import { mkdirSync } from 'node:fs';
import { type Page, test } from '@playwright/test';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/** Pictures of how keys are looked after: maximum ages, all that are due, the vault's own keys. */
test.skip(process.env['KEYHOLD_PICTURES'] === undefined, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';

for (const scheme of ['light', 'dark'] as const) {
  test(`keys looked after, ${scheme}`, async ({ browser }) => {
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
      await page.screenshot({ path: `${FOLDER}/care-${name}-${scheme}.png` });
    };
    await page.goto(shell.open());
    await page.getByRole('link', { name: 'Rotation' }).click();
    await open(page, 'data-export');
    await shot('due');
    await page.getByRole('button', { name: /the maximum age/ }).click();
    await page.getByText('One of its own').click();
    await shot('max-age');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Rotate all due…' }).click();
    await shot('many-choose');
    await page.getByRole('button', { name: 'Make the plans' }).click();
    await shot('many-plans');
    await page.getByRole('button', { name: 'Start 2 rotations' }).click();
    await shot('many-started');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Settings' }).click();
    const group = page.getByRole('region', { name: 'Vault keys' });
    await group.scrollIntoViewIfNeeded();
    await shot('settings');
    await group.getByRole('button', { name: 'New root key…' }).click();
    await shot('root-key-prove');
    await page.keyboard.press('Escape');
    await group.getByRole('button', { name: 'New client keys…' }).click();
    await shot('client-keys');
    await page.keyboard.press('Escape');
    await group.getByRole('button', { name: 'New authority…' }).click();
    await shot('authority');
    await page.keyboard.press('Escape');
    vault.care.rotation = { ...vault.care.rotation, state: 'running', done: 31_200, total: 50_000 };
    shell.contract.emit({ type: 'rekey', progress: vault.care.rotation });
    await shot('settings-running');
    vault.care.rotation = { ...vault.care.rotation, state: 'stopped', reason: 'The disk is full.' };
    shell.contract.emit({ type: 'rekey', progress: vault.care.rotation });
    await shot('settings-stopped');
    await page.getByRole('link', { name: 'Sign-ins' }).click();
    await open(page, 'work');
    await shot('sign-in');
    await page.getByRole('button', { name: 'Choose roles…' }).click();
    await page.getByRole('listbox', { name: 'Accounts and roles' }).focus();
    for (const key of ['x', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'x']) await page.keyboard.press(key);
    await shot('roles');
    await page.keyboard.press('Escape');
    await open(page, 'customer-north');
    await shot('sign-in-expired');
    await page.getByRole('button', { name: 'With a code' }).click();
    await shot('sign-in-code');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await shot('sign-in-add');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Rotation' }).click();
    await open(page, 'data-export');
    await page.getByRole('button', { name: /what happens when it is due/ }).click();
    await page.getByText('Rotate it by itself').click();
    await page.getByText('In a weekly window').click();
    await shot('schedule');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Profiles', exact: true }).click();
    await open(page, 'stage-admin');
    await page.getByRole('region', { name: 'Leaving Keyhold' }).scrollIntoViewIfNeeded();
    await shot('leaving');
    await page.getByRole('button', { name: 'Console…' }).click();
    await shot('console');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: /Signs with/ }).click();
    await page.getByRole('option', { name: /^sign-in work/ }).click();
    await shot('profile-of-sign-in');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Break glass' }).click();
    await shot('break-glass');
    await page.getByRole('button', { name: 'Break the glass…' }).click();
    await shot('break-glass-ask');
    await page.keyboard.type('panic');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Report' }).waitFor();
    await shot('break-glass-report');
    await context.close();
    await shell.stop();
  });
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
}
