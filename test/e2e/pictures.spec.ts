import { mkdirSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { KeyholdError } from '../../src/contract/errors.ts';
import { emptyVault, type FakeVault, sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/**
 * Pictures of every screen, to be looked at by people: `KEYHOLD_PICTURES=1 playwright test pictures`. They go to
 * test-results/pictures, and the two in the README to docs/images.
 */
const wanted = process.env['KEYHOLD_PICTURES'] !== undefined;
test.skip(!wanted, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';
const SIZES = [
  { width: 900, height: 600 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const SCREENS = [
  '',
  'keys',
  'rotation',
  'authenticator',
  'accounts',
  'security-keys',
  'sign-ins',
  'profiles',
  'sessions',
  'clients',
  'kms',
  'encrypt',
  'key-stores',
  'hsm',
  'activity',
  'panic',
  'settings',
];

const failing = (): FakeVault => {
  const vault = sampleVault(3);
  const error = new KeyholdError(
    'VaultTampered',
    'The vault file was changed behind Keyhold’s back. Run keyhold vault check.',
    {
      findings: 1,
    },
  );
  for (const method of [
    'key.list',
    'profile.list',
    'client.list',
    'audit.list',
    'settings.get',
    'kms.keys',
    'totp.list',
    'hsm.status',
    'service.call',
    'session.list',
    'rotation.list',
    'rotation.due',
    'signIn.list',
    'panic.status',
    'certificate.list',
  ]) {
    vault.failing.set(method, error);
  }
  return vault;
};

const VAULTS: Readonly<Record<string, () => FakeVault>> = {
  empty: emptyVault,
  three: () => sampleVault(3),
  full: () => sampleVault(8),
  many: () => sampleVault(10_000),
  error: failing,
  locked: () => ({ ...emptyVault(), state: 'locked' }),
  none: () => ({ ...emptyVault(), state: 'none' }),
};

async function settle(page: Page): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(500);
}

for (const [name, make] of Object.entries(VAULTS)) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`${name}, ${scheme}`, async ({ browser }) => {
      test.setTimeout(240_000);
      mkdirSync(FOLDER, { recursive: true });
      const shell = await startFakePage(make());
      const context = await browser.newContext({ colorScheme: scheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(shell.open());
      await expect(page.getByRole('heading').first()).toBeVisible();
      const screens =
        name === 'locked' || name === 'none'
          ? ['']
          : name === 'error'
            ? [
                '',
                'keys',
                'authenticator',
                'activity',
                'kms',
                'encrypt',
                'key-stores',
                'hsm',
                'sign-ins',
                'panic',
                'rotation',
              ]
            : SCREENS;
      for (const screen of screens) {
        await page.evaluate((hash) => {
          window.location.hash = hash;
        }, `#/${screen}`);
        for (const size of SIZES) {
          await page.setViewportSize(size);
          await settle(page);
          await page.screenshot({ path: `${FOLDER}/${name}-${screen || 'home'}-${size.width}-${scheme}.png` });
        }
      }
      await context.close();
      // 200 % zoom of 1280 × 800 is half the CSS pixels at twice the density.
      const zoomed = await browser.newContext({
        colorScheme: scheme,
        reducedMotion: 'reduce',
        viewport: { width: 640, height: 400 },
        deviceScaleFactor: 2,
      });
      const small = await zoomed.newPage();
      await small.goto(shell.open());
      await expect(small.getByRole('heading').first()).toBeVisible();
      for (const screen of screens) {
        await small.evaluate((hash) => {
          window.location.hash = hash;
        }, `#/${screen}`);
        await settle(small);
        await small.screenshot({ path: `${FOLDER}/${name}-${screen || 'home'}-zoom-${scheme}.png` });
      }
      await zoomed.close();
      await shell.stop();
    });
  }
}

test('for the README', async ({ browser }) => {
  mkdirSync('docs/images', { recursive: true });
  const shell = await startFakePage(sampleVault(8));
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(shell.open());
  await expect(page.getByRole('heading', { name: 'Home' })).toBeVisible();
  await settle(page);
  await page.screenshot({ path: 'docs/images/home.png' });
  await page.getByRole('link', { name: 'KMS keys' }).click();
  await page.getByRole('option', { name: /^backup\b/ }).click();
  // Away from the row, which would show its box to tick.
  await page.mouse.move(1270, 790);
  await settle(page);
  await page.screenshot({ path: 'docs/images/kms.png' });
  await context.close();
  await shell.stop();
});
