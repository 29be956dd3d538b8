import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import QRCode from 'qrcode';
import type { TestDaemon } from '../support/daemon.ts';
import { startMoto, whyNoMoto } from '../support/moto.ts';
import { missing, run } from '../support/scenario.ts';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { dropFile } from './pages/drop-file.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { vaultPage } from './pages/vault-page.ts';

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const PICTURES = process.env['KEYHOLD_PICTURES'] !== undefined;

let folder: string;
test.beforeEach(() => {
  // A code is waited for, and a clipboard.
  test.setTimeout(180_000);
  folder = mkdtempSync(join(tmpdir(), 'kh-otp-'));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

function temporary(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** A picture of the page as it stands, light and dark, where they are wanted. */
async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync('test-results/pictures', { recursive: true });
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(300);
    await page.screenshot({ path: `test-results/pictures/authenticator-${name}-${scheme}.png` });
  }
  await page.emulateMedia({ colorScheme: null });
}

async function add(daemon: TestDaemon, name: string, more: object = {}): Promise<void> {
  const seed = new TextEncoder().encode(`${name} 12345678901234567890`);
  await daemon.client.callSealed('totp.add', async (seal) => ({ name, ...more, seed: await seal('otp-seed', seed) }));
}

test('an entry comes in by address, shows its codes, and each is used once', async ({ home, daemon }) => {
  await vaultPage(home).go('Authenticator');
  await expect(home.getByRole('heading', { name: 'No one-time codes yet' })).toBeVisible();
  await expectAccessible(home, 'authenticator, empty');
  await picture(home, 'empty');
  await home.keyboard.press('n');
  const dialog = home.getByRole('dialog');
  await expectAccessible(home, 'add, QR code');
  await picture(home, 'add-qr');
  await dialog.getByRole('radio', { name: 'Address' }).click();
  await dialog.getByRole('button', { name: 'Next' }).click();
  await expect(dialog.getByText('Paste the address.')).toBeVisible();
  await dialog.getByLabel('Address', { exact: true }).fill('otpauth://totp/x?secret=1');
  await dialog.getByRole('button', { name: 'Next' }).click();
  await expect(dialog.getByRole('alert')).toContainText('not base32');
  await expectAccessible(home, 'add, refused');
  await dialog
    .getByLabel('Address', { exact: true })
    .fill(`otpauth://totp/GitHub:alice@example.com?secret=${SECRET}&issuer=GitHub`);
  await dialog.getByRole('button', { name: 'Next' }).click();
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('GitHub alice@example.com');
  await expectAccessible(home, 'add, preview');
  await picture(home, 'add-preview');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('github');
  await dialog.getByRole('button', { name: 'Add entry' }).click();
  await expect(dialog).toBeHidden();

  const shown = home.getByTestId('otp-code');
  await expect(shown).toHaveText(/^\d{3}\s\d{3}$/);
  await expectAccessible(home, 'an entry');
  await home.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await home.getByRole('article').focus();
  await home.keyboard.press('c');
  await expect(home.getByRole('button', { name: /^Copied, clears in \d+ s$/ })).toBeVisible();
  const copied = await home.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^\d{6}$/);
  // Whoever asks now waits: the person has this one.
  const answer = await daemon.call('totp.use', { name: 'github' });
  if (answer.outcome === 'code') expect(answer.code).not.toBe(copied);
  else await expect(home.getByText(/The next one comes in \d+ s/).first()).toBeVisible();
  await expectAccessible(home, 'a code that was copied');
  await picture(home, 'copied');
  await expect(home.getByText('The clipboard was emptied.')).toBeVisible({ timeout: 25_000 });
  expect(await home.evaluate(() => navigator.clipboard.readText())).toBe('');
});

test('a QR code is dropped, an export is looked at first, and what is there already stays out', async ({ home }) => {
  await vaultPage(home).go('Authenticator');
  await home.keyboard.press('n');
  const dialog = home.getByRole('dialog');
  const png = await QRCode.toBuffer(`otpauth://totp/Shop:eve?secret=${SECRET}&issuer=Shop&digits=8`, { scale: 6 });
  const zone = dialog.getByText('Drop a picture of the QR code, or paste one');
  await dropFile(zone, temporary('qr.png', png));
  await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('Shop eve');
  await expect(dialog.getByText('8 digits every 30 s')).toBeVisible();
  await dialog.getByRole('button', { name: 'Add entry' }).click();
  await expect(dialog).toBeHidden();

  await home.getByRole('button', { name: 'Import from another authenticator' }).click();
  const list = [
    `otpauth://totp/Shop:eve?secret=${SECRET}&issuer=Shop`,
    `otpauth://totp/Bank:42?secret=${SECRET}AA&issuer=Bank`,
    `otpauth://hotp/Old:bob?secret=${SECRET}BB&counter=4`,
    'otpauth://totp/x?secret=1',
  ].join('\n');
  await dropFile(dialog.getByText('Drop the exported file'), temporary('list.txt', list));
  await expect(dialog.getByText('There already, with the same secret: Shop eve')).toBeVisible();
  await expect(dialog.getByText('line 4')).toBeVisible();
  await expectAccessible(home, 'import, preview');
  await picture(home, 'import-preview');
  await dialog.getByRole('button', { name: 'Add 2 entries' }).click();
  await expect(dialog).toBeHidden();
  await expect(home.getByRole('option')).toHaveCount(3);
  await home.keyboard.press('/');
  await home.keyboard.type('bank');
  await expect(home.getByRole('option')).toHaveCount(1);
});

test('favourites come first, entries are edited and removed, and the secret is shown after the password', async ({
  home,
  daemon,
}) => {
  const names = ['aws root', 'bank', 'github', 'mail', 'npm', 'vpn'];
  for (const [at, name] of names.entries()) {
    const label = `alice@${name.replace(' ', '-')}.example`;
    const more = name === 'vpn' ? { type: 'hotp', counter: 1 } : { digits: at === 1 ? 8 : 6, period: 30 + at * 7 };
    await add(daemon, name, {
      issuer: name === 'mail' ? 'Example Mail' : '',
      label,
      favourite: name === 'github',
      ...more,
    });
  }
  await vaultPage(home).go('Authenticator');
  await expect(home.getByRole('option').first()).toContainText('github');
  await expectAccessible(home, 'six entries');
  await picture(home, 'list');
  await home.getByRole('option').filter({ hasText: 'vpn' }).click();
  await expect(home.getByText('Each code is made when you copy it.')).toBeVisible();
  await home.getByRole('option').filter({ hasText: 'bank' }).click();
  await home.getByRole('button', { name: 'Edit' }).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('my bank');
  await dialog.getByRole('textbox', { name: 'AWS MFA device' }).fill('nonsense!');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText(/A serial number looks like/)).toBeVisible();
  await expectAccessible(home, 'edit, refused');
  await dialog.getByRole('textbox', { name: 'AWS MFA device' }).fill('arn:aws:iam::123456789012:mfa/alice');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(home.getByRole('heading', { name: 'my bank', level: 2 })).toBeVisible();

  const more = async (item: string) => {
    await home.getByRole('button', { name: 'More', exact: true }).click();
    await home.getByRole('menuitem', { name: item }).click();
  };
  await more('Show the secret…');
  await dialog.getByLabel('Password of the vault', { exact: true }).fill('a wrong one');
  await dialog.getByRole('button', { name: 'Show the secret' }).click();
  await expect(dialog.getByText('This is not the password of the vault.')).toBeVisible();
  await dialog.getByLabel('Password of the vault', { exact: true }).fill(VAULT_PASSWORD);
  await dialog.getByRole('button', { name: 'Show the secret' }).click();
  await expect(dialog.getByRole('img', { name: 'QR code of my bank' })).toBeVisible();
  await expectAccessible(home, 'the secret');
  await picture(home, 'secret');
  await home.keyboard.press('Escape');
  await more('Remove…');
  await expectAccessible(home, 'remove');
  await home.getByRole('alertdialog').getByRole('button', { name: 'Remove entry' }).click();
  await expect(home.getByRole('option')).toHaveCount(5);
});

test('an enrolment at AWS says what is missing, and what AWS cannot be asked', async ({ home, daemon }) => {
  await vaultPage(home).go('Authenticator');
  await home.getByRole('button', { name: 'Enrol at AWS…' }).click();
  const dialog = home.getByRole('dialog');
  await expect(dialog.getByText('No profile of an AWS account yet')).toBeVisible();
  await expectAccessible(home, 'enrol, no profile');
  await home.keyboard.press('Escape');
  // Nobody listens there.
  await daemon.call('account.add', {
    name: 'prod',
    accountId: '123456789012',
    kind: 'remote',
    endpointUrl: 'http://127.0.0.1:9',
  });
  await daemon.importKey(
    { name: 'deploy', account: 'prod', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  );
  await daemon.call('profile.add', { name: 'prod', account: 'prod', key: 'deploy', region: 'eu-central-1' });
  await home.getByRole('button', { name: 'Enrol at AWS…' }).click();
  await expectAccessible(home, 'enrol');
  await picture(home, 'enrol');
  await dialog.getByRole('button', { name: 'Make the device' }).click();
  await expect(dialog.getByRole('alert')).toContainText('could not reach 127.0.0.1:9');
});

test('a user of an account in this vault gets a device without AWS', async ({ home, daemon }) => {
  await daemon.call('account.add', { name: 'lab', accountId: '210987654321', kind: 'local', region: 'eu-central-1' });
  await daemon.call('service.call', {
    account: 'lab',
    region: 'eu-central-1',
    service: 'iam',
    operation: 'CreateUser',
    input: { UserName: 'ada' },
  });
  await vaultPage(home).go('Authenticator');
  await home.getByRole('button', { name: 'Enrol at AWS…' }).click();
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Ask as' }).click();
  await home.getByRole('option', { name: 'lab' }).click();
  await expect(dialog.getByText('which is in this vault')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Make the device' })).toBeDisabled();
  await dialog.getByLabel('IAM user').fill('ada');
  await dialog.getByLabel('Name of the device').fill('ada-here');
  await dialog.getByRole('button', { name: 'Make the device' }).click();
  await expect(dialog.getByText('arn:aws:iam::210987654321:mfa/ada-here')).toBeVisible();
});

const noAws = whyNoMoto() ?? missing('aws', ['--version'], 'the AWS CLI');

test('an MFA device is enrolled at a foreign AWS, with two codes in a row', async ({ home, daemon }) => {
  test.skip(noAws !== null, noAws ?? '');
  const moto = await startMoto();
  try {
    const env = { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
    const aws = (...args: string[]) =>
      run('aws', ['--endpoint-url', moto.url, '--region', 'us-east-1', ...args], { env });
    await aws('iam', 'create-user', '--user-name', 'alice');
    const query = ['--query', 'AccessKey.[AccessKeyId,SecretAccessKey]', '--output', 'text'];
    const made = await aws('iam', 'create-access-key', '--user-name', 'alice', ...query);
    const [accessKeyId = '', secret = ''] = made.stdout.trim().split('\t');
    const account = { name: 'prod', accountId: '123456789012', kind: 'remote', endpointUrl: moto.url } as const;
    await daemon.call('account.add', account);
    await daemon.importKey({ name: 'alice', account: 'prod', accessKeyId }, secret);
    await daemon.call('profile.add', { name: 'prod', account: 'prod', key: 'alice', region: 'us-east-1' });
    await vaultPage(home).go('Authenticator');
    await home.getByRole('button', { name: 'Enrol at AWS…' }).click();
    const dialog = home.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'IAM user' }).fill('alice');
    await dialog.getByRole('button', { name: 'Make the device' }).click();
    await expect(dialog.getByText('Waiting for the second one')).toBeVisible({ timeout: 60_000 });
    await expectAccessible(home, 'enrolling');
    await picture(home, 'enrolling');
    await expect(dialog).toBeHidden({ timeout: 60_000 });
    await expect(home.getByText('arn:aws:iam::123456789012:mfa/alice')).toBeVisible();
    await expect(home.getByText(/The present code has been used/)).toBeVisible();
    expect((await aws('iam', 'list-mfa-devices', '--user-name', 'alice')).stdout).toContain('mfa/alice');
  } finally {
    moto.stop();
  }
});
