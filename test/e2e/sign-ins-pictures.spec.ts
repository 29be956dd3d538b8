import { mkdirSync } from 'node:fs';
import { type Page, test } from '@playwright/test';
import type { SignIn } from '../../src/contract/sign-ins.ts';
import { type FakeVault, sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';

/** Pictures of where credentials come from: sign-ins of every kind and certificates, also where there is little room. */
test.skip(process.env['KEYHOLD_PICTURES'] === undefined, 'set KEYHOLD_PICTURES=1 to take pictures');

const FOLDER = 'test-results/pictures';
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 640, height: 480 } } as const;

function vaultWithEveryKind(): FakeVault {
  const vault = sampleVault(8);
  const [work] = vault.signIns.list;
  if (work === undefined) throw new Error('the sample has no sign-in');
  const { expiresAt: _expiresAt, ...base } = work;
  const corp: SignIn = {
    ...base,
    id: `52${'0'.repeat(30)}`,
    name: 'corp',
    settings: { type: 'saml', startUrl: 'https://idp.example.com/app/amazon_aws/exk1a2b3c4/sso/saml' },
    signedInAt: new Date().toISOString(),
    renewable: false,
    profiles: ['prod'],
  };
  const builds: SignIn = {
    ...base,
    id: `53${'0'.repeat(30)}`,
    name: 'builds',
    settings: {
      type: 'oidc',
      issuer: 'https://login.example.com/realms/builds',
      clientId: 'keyhold',
      scopes: ['openid'],
      clientAuth: 'client_secret_basic',
    },
    profiles: [],
  };
  vault.signIns.list = [...vault.signIns.list, corp, builds];
  vault.profiles = vault.profiles.map((one) =>
    one.name === 'stage-admin' ? { ...one, origin: { kind: 'sso', signIn: 'work', roleName: 'Admin' } } : one,
  );
  return vault;
}

for (const scheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    test(`sign-ins and certificates, ${size}, ${scheme}`, async ({ browser }) => {
      test.setTimeout(120_000);
      mkdirSync(FOLDER, { recursive: true });
      const vault = vaultWithEveryKind();
      const shell = await startFakePage(vault);
      const context = await browser.newContext({ colorScheme: scheme, reducedMotion: 'reduce', viewport });
      const page = await context.newPage();
      page.setDefaultTimeout(8_000);
      const shot = async (name: string) => {
        await page.mouse.move(viewport.width - 5, viewport.height - 5);
        await page.waitForTimeout(300);
        await page.screenshot({ path: `${FOLDER}/from-${name}-${size}-${scheme}.png` });
      };
      await page.goto(shell.open());
      await show(page, 'sign-ins');
      await shot('sign-ins');
      await open(page, 'corp');
      await shot('saml');
      await page.getByRole('button', { name: 'Choose roles…' }).click();
      await shot('saml-roles');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Sign in again', exact: true }).last().click();
      await page.getByText('SAMLResponse', { exact: true }).first().waitFor();
      await shot('saml-by-hand');
      await show(page, 'sign-ins');
      await open(page, 'builds');
      await shot('oidc');
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Edit…' }).click();
      await shot('oidc-edit');
      await page.keyboard.press('Escape');
      await show(page, 'sign-ins');
      await open(page, 'work');
      await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Remove…' }).click();
      await shot('remove');
      await page.keyboard.press('Escape');
      await show(page, 'sign-ins');
      await page.keyboard.press('n');
      await page.getByText('SAML 2.0').click();
      await shot('saml-add');
      await page.getByText('OpenID Connect').click();
      await page.getByRole('button', { name: 'Add sign-in' }).click();
      await shot('oidc-add-refused');
      await page.keyboard.press('Escape');
      await show(page, 'hsm');
      const panel = page.getByRole('region', { name: 'Certificates' });
      await panel.scrollIntoViewIfNeeded();
      await panel.getByRole('button', { name: 'More for edge' }).click();
      await shot('certificates');
      await page.getByRole('menuitem', { name: 'Roll back…' }).click();
      await shot('certificate-back');
      await page.keyboard.press('Escape');
      await panel.getByRole('button', { name: 'New key pair…' }).click();
      await page.keyboard.type('night run');
      await shot('certificate-new');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Save the request' }).waitFor();
      await shot('certificate-request');
      await page.keyboard.press('Escape');
      await panel.getByRole('button', { name: /^Install… the certificate of night/ }).click();
      await page.getByRole('button', { name: 'Install', exact: true }).click();
      await shot('certificate-install');
      await page.keyboard.press('Escape');
      await panel.getByRole('button', { name: 'More for build' }).click();
      await page.getByRole('menuitem', { name: 'Remove…' }).click();
      await shot('certificate-remove');
      await page.keyboard.press('Escape');
      await show(page, 'panic');
      await shot('panic');
      await page.getByRole('button', { name: 'Break the glass…' }).click();
      await shot('panic-ask');
      await page.keyboard.type('panic');
      await page.keyboard.press('Enter');
      await page.getByRole('region', { name: 'Report' }).waitFor();
      await shot('panic-report');
      await show(page, 'home');
      await shot('home');
      await show(page, 'profiles');
      await open(page, 'stage-admin');
      await page.getByRole('region', { name: 'Leaving Keyhold' }).scrollIntoViewIfNeeded();
      await shot('leaving');
      await page.getByRole('button', { name: 'Console…' }).click();
      await shot('console');
      await context.close();
      await shell.stop();
    });
  }
}

async function show(page: Page, screen: string): Promise<void> {
  await page.evaluate(
    (hash) => {
      window.location.hash = hash;
    },
    `#/${screen === 'home' ? '' : screen}`,
  );
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
}
