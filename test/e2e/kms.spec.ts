import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { TestDaemon } from '../support/daemon.ts';
import { expect, test } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { kmsPage } from './pages/kms-page.ts';
import { vaultPage } from './pages/vault-page.ts';

const PLACE = { account: 'lab', region: 'eu-central-1' } as const;
const ROOT = 'arn:aws:iam::123456789012:root';

async function startLab(page: Page, daemon: TestDaemon) {
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: PLACE.region });
  await vaultPage(page).go('KMS keys');
  // Until the page has heard of the account there is no list, and nothing to add to it.
  await expect(page.getByRole('button', { name: 'Create', exact: true })).toBeVisible();
  return kmsPage(page);
}

async function kmsOf(daemon: TestDaemon, operation: string, input: Record<string, unknown>) {
  return (await daemon.call('service.call', { ...PLACE, service: 'kms', operation, input })).output;
}

async function onlyKey(daemon: TestDaemon) {
  const { keys } = await daemon.call('kms.keys', {});
  const [key, ...others] = keys;
  if (key === undefined || others.length > 0) throw new Error(`expected one key, there are ${keys.length}`);
  return key;
}

test('from no account to a key, through the wizard, and bytes under it and back', async ({ home, daemon }) => {
  const vault = vaultPage(home);
  const kms = kmsPage(home);
  await vault.go('KMS keys');
  await expectAccessible(home, 'no local account');
  await home.getByRole('button', { name: 'Add a local account' }).click();
  await expectAccessible(home, 'add a local account');
  await vault.dialog.getByRole('textbox', { name: 'Name' }).fill('lab');
  await vault.dialog.getByRole('textbox', { name: 'Account id' }).fill('123456789012');
  await vault.dialog.getByRole('button', { name: /Region$/ }).click();
  await home.getByRole('option', { name: 'eu-central-1' }).click();
  await vault.dialog.getByRole('button', { name: 'Add account' }).click();
  await expect(vault.dialog).toBeHidden();

  await vault.go('KMS keys');
  await expect(home.getByText('No keys in eu-central-1')).toBeVisible();
  await expectAccessible(home, 'no keys');
  await kms.createKey('backup');
  const key = await onlyKey(daemon);
  expect(key).toMatchObject({ aliases: ['alias/backup'], spec: 'SYMMETRIC_DEFAULT', state: 'Enabled' });

  const article = kms.key('backup');
  await article.getByRole('textbox', { name: 'New alias' }).fill('nightly');
  await article.getByRole('button', { name: 'Add alias' }).click();
  await expect(article.getByText('nightly')).toBeVisible();
  expect((await onlyKey(daemon)).aliases).toEqual(['alias/backup', 'alias/nightly']);
  // The row that came in has put another button under the pointer, whose tip is not part of the screen.
  await home.mouse.move(1, 1);
  await expect(home.getByRole('tooltip')).toHaveCount(0);
  await expectAccessible(home, 'key, overview');

  await home.getByRole('button', { name: 'Encrypt or decrypt' }).click();
  const encrypt = home.getByRole('region', { name: 'Encrypt', exact: true });
  const decrypt = home.getByRole('region', { name: 'Decrypt', exact: true });
  await encrypt.getByRole('textbox', { name: 'What to encrypt' }).fill('The crane is at berth seven.');
  await encrypt.getByRole('button', { name: 'Add a pair' }).click();
  await encrypt.getByRole('textbox', { name: 'Name 1' }).fill('job');
  await encrypt.getByRole('textbox', { name: 'Value 1' }).fill('nightly');
  await encrypt.getByRole('button', { name: 'Encrypt', exact: true }).click();
  await encrypt.getByRole('button', { name: 'Decrypt it' }).click();
  await decrypt.getByRole('button', { name: 'Decrypt', exact: true }).click();
  await expect(decrypt.getByRole('status', { name: 'Plaintext' })).toHaveText('The crane is at berth seven.');
  await expectAccessible(home, 'playground');
  await decrypt.getByRole('textbox', { name: 'Value 1' }).fill('weekly');
  await decrypt.getByRole('button', { name: 'Decrypt', exact: true }).click();
  await expect(decrypt.getByText(/This does not decrypt: the encryption context is another one/)).toBeVisible();
  const { entries } = await daemon.call('audit.list', { service: 'kms' });
  expect(entries.map(({ event }) => [event.action, event.decision]).slice(0, 3)).toEqual([
    ['Decrypt', 'denied'],
    ['Decrypt', 'allowed'],
    ['Encrypt', 'allowed'],
  ]);
});

test('a policy with a fault is refused with its place, mended, and in force', async ({ home, daemon }) => {
  const kms = await startLab(home, daemon);
  await kms.createKey('backup');
  await kms.tab('Policy');
  await expect(home.getByText('Enable IAM User Permissions')).toBeVisible();
  await expectAccessible(home, 'policy in words');
  await home.getByRole('radio', { name: 'JSON' }).click();
  const editor = home.getByRole('textbox', { name: 'Policy document' });
  const before = await editor.inputValue();
  await editor.fill(before.replace('"Allow"', '"Alow"'));
  await home.getByRole('button', { name: 'Save the policy' }).click();
  await expect(home.getByText(/line \d+, column \d+/i)).toBeVisible();
  await expect(editor).toBeFocused();
  await expect(editor).toHaveValue(/"Alow"/);
  await expectAccessible(home, 'policy refused');
  // Text that is no JSON is said while it is typed.
  await editor.fill(before.slice(0, -2));
  await expect(home.getByText(/Line \d+/)).toBeVisible();

  const mended = JSON.parse(before) as { Statement: object[] };
  mended.Statement.push({ Sid: 'Keep', Effect: 'Deny', Principal: '*', Action: 'kms:DisableKey', Resource: '*' });
  await editor.fill(JSON.stringify(mended, null, 2));
  await home.getByRole('radio', { name: 'Changes' }).click();
  await expect(home.getByText(/"kms:DisableKey"/)).toBeVisible();
  await home.getByRole('button', { name: 'Save the policy' }).click();
  await expect(home.getByText('The key policy is in force.')).toBeVisible();
  const { Policy } = await kmsOf(daemon, 'GetKeyPolicy', { KeyId: (await onlyKey(daemon)).keyId });
  expect(JSON.parse(String(Policy))).toEqual(mended);
  await kms.openMenu('Disable');
  await expect(home.getByText(/explicit deny|not authorized/)).toBeVisible();
  expect((await onlyKey(daemon)).state).toBe('Enabled');
});

test('a grant is given and revoked; the key rotates on demand and by schedule', async ({ home, daemon }) => {
  const kms = await startLab(home, daemon);
  await kms.createKey('backup');
  await kms.tab('Grants');
  await home.getByRole('button', { name: 'Create a grant' }).click();
  await kms.dialog.getByRole('button', { name: 'Create the grant' }).click();
  await expect(kms.dialog.getByText('Say who the grant is for.')).toBeVisible();
  await expect(kms.dialog.getByText('Tick at least one.')).toBeVisible();
  await expectAccessible(home, 'grant dialog');
  await kms.dialog.getByRole('combobox', { name: 'Who' }).fill(ROOT);
  await home.keyboard.press('Escape');
  await kms.dialog.getByText('Decrypt', { exact: true }).click();
  await kms.dialog.getByRole('textbox', { name: /^Name/ }).fill('nightly');
  await kms.dialog.getByRole('button', { name: 'Create the grant' }).click();
  await expect(kms.dialog).toBeHidden();
  await expect(home.getByText('nightly', { exact: true })).toBeVisible();
  const { Grants } = await kmsOf(daemon, 'ListGrants', { KeyId: (await onlyKey(daemon)).keyId });
  expect(Grants).toEqual([
    expect.objectContaining({ GranteePrincipal: ROOT, Operations: ['Decrypt'], Name: 'nightly' }),
  ]);
  await expectAccessible(home, 'grants');
  await home.getByRole('button', { name: /^Revoke the grant of/ }).click();
  await kms.alert.getByRole('button', { name: 'Revoke the grant' }).click();
  await expect(home.getByText('None yet.')).toBeVisible();

  await kms.tab('Rotation');
  await expect(home.getByRole('img', { name: /never rotated/ })).toBeVisible();
  await home.getByRole('button', { name: 'Rotate now' }).click();
  await expect(home.getByRole('img', { name: /rotated once/ })).toBeVisible();
  await expect(home.getByRole('heading', { name: '2 material versions' })).toBeVisible();
  await home.getByText('Rotate automatically').click();
  const days = home.getByRole('textbox', { name: 'Days between rotations' });
  await days.fill('30');
  await expect(home.getByText('Between 90 and 2560 days.')).toBeVisible();
  await days.fill('180');
  await home.getByRole('button', { name: 'Save', exact: true }).click();
  await expect.poll(async () => (await onlyKey(daemon)).rotation?.periodInDays).toBe(180);
  await expectAccessible(home, 'rotation');
});

test('a key is disabled and enabled, its deletion scheduled and cancelled', async ({ home, daemon }) => {
  const kms = await startLab(home, daemon);
  await kms.createKey('backup');
  await kms.openMenu('Disable');
  await expect(kms.key('backup').getByText('disabled', { exact: true })).toBeVisible();
  expect((await onlyKey(daemon)).state).toBe('Disabled');
  await kms.openMenu('Enable');
  await expect(kms.key('backup').getByText('enabled', { exact: true })).toBeVisible();

  await kms.openMenu('Schedule deletion…');
  await expectAccessible(home, 'schedule deletion');
  await expect(kms.alert.getByText('alias/backup')).toBeVisible();
  await kms.alert.getByRole('textbox', { name: 'Waiting period, in days' }).fill('5');
  await expect(kms.alert.getByRole('button', { name: 'Schedule the deletion' })).toBeDisabled();
  await kms.alert.getByRole('textbox', { name: 'Waiting period, in days' }).fill('7');
  await kms.alert.getByRole('button', { name: 'Schedule the deletion' }).click();
  await expect(home.getByText(/Will be deleted on/)).toBeVisible();
  expect((await onlyKey(daemon)).state).toBe('PendingDeletion');
  await expectAccessible(home, 'pending deletion');
  await home.getByRole('button', { name: 'Cancel the deletion' }).click();
  await expect(home.getByText(/Will be deleted on/)).toHaveCount(0);
  expect((await onlyKey(daemon)).state).toBe('Disabled');
});

test('material made elsewhere is wrapped and imported with the wizard', async ({ home, daemon }) => {
  const folder = mkdtempSync(join(tmpdir(), 'kh-import-'));
  try {
    const kms = await startLab(home, daemon);
    await kms.createKey('byok', { material: 'Imported' });
    await expect(home.getByText('Has no key material')).toBeVisible();
    await home.getByRole('button', { name: 'Import material', exact: true }).click();
    await expectAccessible(home, 'import, wrapping');
    await kms.dialog.getByRole('button', { name: 'Next: encrypt' }).click();
    const [download] = await Promise.all([
      home.waitForEvent('download'),
      kms.dialog.getByRole('button', { name: 'Wrapping public key' }).click(),
    ]);
    await expectAccessible(home, 'import, encrypt');
    const publicKey = createPublicKey({ key: readFileSync(await download.path()), format: 'der', type: 'spki' });
    const wrap = (material: Buffer) =>
      publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, material);
    await kms.dialog.getByRole('button', { name: 'Next: upload' }).click();
    await kms.dialog.getByRole('button', { name: 'Import the material' }).click();
    await expect(kms.dialog.getByText('Choose the encrypted material.')).toBeVisible();
    await expectAccessible(home, 'import, upload');

    const file = join(folder, 'EncryptedKeyMaterial.bin');
    const choose = async (): Promise<void> => {
      const [chooser] = await Promise.all([
        home.waitForEvent('filechooser'),
        kms.dialog.getByRole('button', { name: 'Choose a file…' }).first().click(),
      ]);
      await chooser.setFiles(file);
      await expect(kms.dialog.getByText(/EncryptedKeyMaterial.bin, /)).toBeVisible();
    };
    writeFileSync(file, randomBytes(512));
    await choose();
    await kms.dialog.getByRole('button', { name: 'Import the material' }).click();
    await expect(kms.dialog.getByRole('alert')).toBeVisible();
    writeFileSync(file, wrap(randomBytes(32)));
    await choose();
    await kms.dialog.getByRole('textbox', { name: 'Description of the material' }).fill('From the safe');
    await kms.dialog.getByRole('button', { name: 'Import the material' }).click();
    await expect(kms.dialog).toBeHidden();
    expect(await onlyKey(daemon)).toMatchObject({ state: 'Enabled', origin: 'EXTERNAL', materials: 1 });
    await kms.tab('Rotation');
    await expect(home.getByText('From the safe')).toBeVisible();
    const { CiphertextBlob } = await kmsOf(daemon, 'Encrypt', { KeyId: 'alias/byok', Plaintext: 'aGVsbG8=' });
    expect(await kmsOf(daemon, 'Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: 'aGVsbG8=' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the wizard by keyboard alone: Enter goes on, Escape steps back, nothing typed is lost', async ({
  home,
  daemon,
}) => {
  const kms = await startLab(home, daemon);
  const { keyboard } = home;
  const step = (name: string) =>
    expect(kms.dialog.getByRole('listitem', { name }).or(kms.dialog.locator('[aria-current=step]'))).toContainText(
      name,
    );
  await keyboard.press('n');
  await step('Purpose');
  await expectAccessible(home, 'wizard, purpose');
  // To signing, the second but one further down.
  await keyboard.press('Tab');
  await home.getByRole('radio', { name: /^Encrypt and decrypt data/ }).focus();
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await step('Kind');
  await expectAccessible(home, 'wizard, kind');
  await home.getByRole('button', { name: 'Next: name' }).focus();
  await keyboard.press('Enter');
  await step('Name');
  await expect(home.getByRole('textbox', { name: 'Alias' })).toBeFocused();
  await keyboard.type('aws/mine');
  await keyboard.press('Enter');
  await step('Name');
  await expect(home.getByText(/alias\/aws|aws\//).first()).toBeVisible();
  await expectAccessible(home, 'wizard, name');
  await keyboard.press('ControlOrMeta+a');
  await keyboard.type('release-signing');
  await keyboard.press('Escape');
  await step('Kind');
  await home.getByRole('button', { name: 'Next: name' }).focus();
  await keyboard.press('Enter');
  await expect(home.getByRole('textbox', { name: 'Alias' })).toHaveValue('release-signing');
  await home.getByRole('textbox', { name: 'Alias' }).focus();
  await keyboard.press('Enter');
  await step('Policy');
  await expectAccessible(home, 'wizard, policy');
  await home.getByRole('button', { name: 'Next: review' }).focus();
  await keyboard.press('Enter');
  await step('Review');
  await expectAccessible(home, 'wizard, review');
  await home.getByRole('button', { name: 'Create the key' }).focus();
  await keyboard.press('Enter');
  await expect(kms.key('release-signing')).toBeVisible();
  expect(await onlyKey(daemon)).toMatchObject({ spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' });
});
