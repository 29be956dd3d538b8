import { mkdirSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { MfaPrompt } from '../../src/contract/schemas.ts';
import { emptyVault, sampleVault } from '../support/fake-contract.ts';
import { FIDO_INFO, sampleMfa } from '../support/fake-mfa.ts';
import { startFakePage } from '../support/fake-page.ts';

/** Pictures of what has to do with security keys, as pictures.spec.ts takes them of the screens. */
test.skip(process.env['KEYHOLD_PICTURES'] === undefined, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';

const prompt = (purpose: MfaPrompt['purpose'], ask: MfaPrompt['ask'], message: string): MfaPrompt => ({
  id: `${purpose}-${ask}`,
  ask,
  purpose,
  devices: [],
  message,
  since: new Date().toISOString(),
  until: new Date(Date.now() + 57_000).toISOString(),
});

for (const scheme of ['light', 'dark'] as const) {
  test(`security keys, ${scheme}`, async ({ browser }) => {
    test.setTimeout(90_000);
    mkdirSync(FOLDER, { recursive: true });
    const context = await browser.newContext({ colorScheme: scheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    const shot = async (name: string, size = { width: 1100, height: 760 }): Promise<void> => {
      await page.setViewportSize(size);
      await page.evaluate(() => document.fonts.ready);
      await page.waitForTimeout(400);
      await page.screenshot({ path: `${FOLDER}/security-keys-${name}-${scheme}.png` });
    };
    const vault = sampleVault(8);
    const shell = await startFakePage(vault);
    const { contract } = shell;
    await page.goto(shell.open());
    await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
    const go = (screen: string) => page.getByRole('link', { name: screen }).click();
    await go('Security keys');
    await expect(page.getByText('safe at home').first()).toBeVisible();
    await shot('page');
    await shot('page-small', { width: 900, height: 600 });
    await page.getByText('Details of blue').click();
    await shot('page-details');

    await page.getByRole('button', { name: 'Enrol a key' }).click();
    await shot('enrol-choose');
    await page.getByRole('dialog').getByText('Yubico YubiKey OTP+FIDO+CCID').first().click();
    await shot('enrol-chosen');
    await page.getByRole('button', { name: 'Next: use' }).click();
    await shot('enrol-use');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Test blue' }).click();
    await page.getByLabel('PIN of the key', { exact: true }).fill('123456');
    await page.getByRole('button', { name: 'Test it' }).click();
    contract.emit({
      type: 'mfa.prompt',
      prompt: prompt('test', 'touch', 'Touch Yubico YubiKey OTP+FIDO+CCID to test it.'),
    });
    await expect(page.getByText('Touch your security key')).toBeVisible();
    await shot('touch');
    await page.keyboard.press('Escape');
    contract.emit({ type: 'mfa.promptDone', id: 'test-touch' });
    await expect(page.getByText('Touch your security key')).toBeHidden();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();

    await go('Security keys');
    for (const [item, name] of [
      ['Change the PIN…', 'pin'],
      ['Show its credentials…', 'credentials'],
      ['Erase it…', 'erase'],
    ] as const) {
      await page
        .getByRole('button', { name: /^More for Yubico/ })
        .first()
        .click();
      await page.getByRole('menuitem', { name: item }).click();
      await shot(name);
      if (name === 'credentials') {
        await page.getByLabel('PIN of the key', { exact: true }).fill('123456');
        await page.keyboard.press('Enter');
        await shot('credentials-listed');
        await page.getByRole('button', { name: 'Delete the credential of github.com' }).click();
        await shot('credentials-delete');
        await page.keyboard.press('Escape');
      }
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'More for blue' }).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await shot('remove');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'More for safe at home' }).click();
    await page.getByRole('menuitem', { name: 'Unlock with it…' }).click();
    await shot('slot-key');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Unlock with it/ }).click();
    await page.getByText('With the key alone').click();
    await shot('slot-yubikey', { width: 1100, height: 1000 });
    await page.keyboard.press('Escape');
    await go('Settings');
    await page.setViewportSize({ width: 1100, height: 760 });
    await page.getByText('Change or add').scrollIntoViewIfNeeded();
    await shot('ways-in');

    await go('Access keys');
    await page.getByRole('button', { name: 'Require a touch…' }).scrollIntoViewIfNeeded();
    await page.getByRole('button', { name: 'Require a touch…' }).click();
    await page.getByText('Once in a while').click();
    await shot('gate');
    await page.keyboard.press('Escape');
    contract.emit({
      type: 'mfa.prompt',
      prompt: prompt(
        'gate',
        'touch',
        'terraform wants to sign s3:PutObject with prod / deploy-bot. Touch blue to allow it.',
      ),
    });
    contract.emit({ type: 'mfa.prompt', prompt: prompt('test', 'insert', 'Plug in your security key.') });
    await shot('prompt');
    await page.keyboard.press('n');
    await shot('prompt-dialog');
    await page.close();
    await shell.stop();

    const locked = { ...emptyVault(), state: 'locked' as const, mfa: sampleMfa(3) };
    locked.mfa.slots.push({
      id: '9',
      label: 'alone',
      factors: ['fido2'],
      createdAt: new Date().toISOString(),
      userVerification: true,
    });
    locked.mfa.devices = [];
    const gate = await startFakePage(locked);
    const out = await context.newPage();
    const gateShot = async (name: string): Promise<void> => {
      await out.setViewportSize({ width: 900, height: 640 });
      await out.waitForTimeout(400);
      await out.screenshot({ path: `${FOLDER}/security-keys-unlock-${name}-${scheme}.png` });
    };
    const changed = async (): Promise<void> => {
      gate.contract.emit({ type: 'changed', what: ['devices'] });
      await out.waitForTimeout(300);
    };
    await out.goto(gate.open());
    await expect(out.getByRole('radio', { name: 'Security key' })).toBeVisible();
    await gateShot('ways');
    await out.getByRole('radio', { name: 'Security key' }).click();
    await gateShot('insert');
    const { devices } = sampleMfa(3);
    locked.mfa.devices = devices.slice(0, 1);
    await changed();
    await gateShot('pin');
    const first = devices[0]?.id ?? '';
    for (const [name, info] of [
      ['low', { ...FIDO_INFO, pinRetries: 1 }],
      ['replug', { ...FIDO_INFO, pinRetries: 5, pinNeedsReplug: true }],
      ['blocked', { ...FIDO_INFO, pin: 'blocked' as const, pinRetries: 0 }],
    ] as const) {
      locked.mfa.infos.set(first, info);
      await changed();
      await gateShot(name);
    }
    locked.mfa.infos.set(first, FIDO_INFO);
    locked.mfa.devices = devices.filter(({ kind }) => kind === 'fido');
    await changed();
    await gateShot('two');
    await out.getByRole('radio', { name: 'Password and key' }).click();
    await gateShot('password-and-key');
    locked.mfa.devices = [];
    locked.mfa.problem =
      'Security keys need the library libudev.so, which is not installed: install it (Debian: libudev1), and start Keyhold again.';
    await changed();
    await gateShot('problem');
    await context.close();
    await gate.stop();
  });
}
