import { createHmac, generateKeyPairSync } from 'node:crypto';
import type { Page } from '@playwright/test';
import { KeyholdError } from '../../src/contract/errors.ts';
import { sampleVault } from '../support/fake-contract.ts';
import { startFakePage } from '../support/fake-page.ts';
import { startStrictAws } from '../support/strict-aws/start-strict-aws.ts';
import { createTestCa } from '../support/test-ca.ts';
import { expect, test, VAULT_PASSWORD } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { holdCall } from './pages/hold-call.ts';
import { tabTo } from './pages/tab-to.ts';
import { vaultPage } from './pages/vault-page.ts';

/** As AWS documents it: an HMAC of the secret access key, with a version before it. */
function smtpPassword(secret: string, region: string): string {
  const chain = ['11111111', region, 'ses', 'aws4_request', 'SendRawEmail'];
  const key = chain.reduce<Buffer>(
    (above, text) => createHmac('sha256', above).update(text).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return Buffer.concat([Buffer.of(4), key]).toString('base64');
}

/** What the dialog shows, after the vault's password. */
async function reveal(page: Page, button: string): Promise<string> {
  const dialog = page.getByRole('dialog');
  await page.getByRole('button', { name: button }).press('Enter');
  await page.keyboard.type(VAULT_PASSWORD);
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: /on the screen$/ }).press('Enter');
  return dialog.getByTestId('revealed').innerText();
}

test('passwords and SSH keys are made, shown to who proves a way in, rotated and removed', async ({ home, daemon }) => {
  test.setTimeout(120_000);
  const aws = await startStrictAws({ now: () => Date.now() });
  const { dialog, go } = vaultPage(home);
  const detail = home.getByRole('article');
  try {
    aws.addUser('deploy', {});
    const key = aws.addKey('deploy');
    await daemon.call('account.add', { name: 'prod', accountId: aws.account, kind: 'remote', endpointUrl: aws.url });
    await daemon.importKey({ name: 'deploy', account: 'prod', accessKeyId: key.accessKeyId }, key.secretAccessKey);

    // Keyboard alone: the screen, the form, the password.
    await home.keyboard.press('g');
    await home.keyboard.press('w');
    await expect(home.getByRole('heading', { name: 'No passwords or SSH keys yet' })).toBeVisible();
    await expectAccessible(home, 'no credentials');
    await home.keyboard.press('n');
    // From the dialog itself to what is in it.
    await home.keyboard.press('Tab');
    await tabTo(home, /SMTP password/);
    await home.keyboard.press('ArrowDown');
    await tabTo(home, /^ ?Name/);
    await home.keyboard.press('Enter');
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveAccessibleDescription('Give it a name.');
    await expectAccessible(home, 'a credential without a name');
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await home.keyboard.type('git');
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('git');
    await home.keyboard.press('Enter');
    await expect(home.getByRole('article', { name: 'Password for CodeCommit git' })).toBeVisible();
    const [made] = [...aws.credentials.values()];
    if (made === undefined) throw new Error('nothing was made');
    await expect(detail).toContainText(made.shown ?? '');
    await expectAccessible(home, 'a password');

    await home.getByRole('button', { name: 'Show the password…' }).press('Enter');
    await home.keyboard.type('not this');
    await home.keyboard.press('Enter');
    await expect(dialog.getByLabel('Password of the vault', { exact: true })).toHaveAccessibleDescription(
      'This is not the password of the vault.',
    );
    await home.keyboard.press('Escape');
    expect(await reveal(home, 'Show the password…')).toBe(made.secret);
    await expectAccessible(home, 'a password, shown');
    await home.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await dialog.getByRole('button', { name: 'Copy the password' }).press('Enter');
    await expect(dialog.getByRole('button', { name: /^Copied, clears in \d+ s$/ })).toBeVisible();
    expect(await home.evaluate(() => navigator.clipboard.readText())).toBe(made.secret);
    await home.keyboard.press('Escape');
    await expect(dialog).toBeHidden();

    // The page shows what the command line does of an SMTP password, which IAM never hears of.
    const calls = aws.calls.length;
    await home.keyboard.press('n');
    await dialog.getByRole('textbox', { name: 'Name' }).fill('mail');
    await dialog.getByRole('combobox', { name: 'Region' }).fill('eu-central-1');
    await home.keyboard.press('Tab');
    await dialog.getByRole('button', { name: 'Add' }).press('Enter');
    await expect(home.getByRole('article', { name: 'SMTP password, eu-central-1 mail' })).toContainText(
      'email-smtp.eu-central-1.amazonaws.com',
    );
    expect(aws.calls).toHaveLength(calls);
    expect(await reveal(home, 'Show the password…')).toBe(smtpPassword(key.secretAccessKey, 'eu-central-1'));
    await home.keyboard.press('Escape');

    // A rotation waits until somebody says that the tools have the new one.
    await home.getByRole('option', { name: /^git / }).click();
    await home.getByRole('button', { name: 'Rotate…' }).press('Enter');
    await dialog.getByRole('button', { name: 'Make a plan' }).press('Enter');
    await expect(dialog.getByRole('region', { name: 'Plan' })).toContainText('User deploy at AWS');
    await dialog.getByRole('button', { name: 'Start the rotation' }).press('Enter');
    await expect(detail.getByText('needs you', { exact: true })).toBeVisible({ timeout: 30_000 });
    await expectAccessible(home, 'a rotation of a password');
    await detail.getByRole('button', { name: 'Show the new password…' }).press('Enter');
    await expect(detail).toContainText('Tools may still have the one before');
    const next = [...aws.credentials.values()].find(({ id, deleted }) => id !== made.id && !deleted);
    expect(await reveal(home, 'Show the password…')).toBe(next?.secret);
    await home.keyboard.press('Escape');
    await detail.getByRole('link', { name: /^begun/ }).press('Enter');
    await detail.getByRole('button', { name: 'Go on…' }).press('Enter');
    await home.getByRole('alertdialog').getByRole('button', { name: 'Go on anyway' }).press('Enter');
    await expect(detail.getByText('in quarantine', { exact: true })).toBeVisible({ timeout: 30_000 });
    expect(aws.credentials.get(made.id)?.status).toBe('Inactive');

    await go('Access keys');
    await home.getByRole('radio', { name: 'Passwords and SSH keys' }).click();
    await home.keyboard.press('n');
    await dialog.getByText('SSH key', { exact: true }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill('git-ssh');
    await dialog.getByRole('button', { name: 'Add' }).press('Enter');
    await expect(home.getByRole('article', { name: 'SSH key for CodeCommit git-ssh' })).toBeVisible({
      timeout: 60_000,
    });
    expect(await reveal(home, 'Show the private key…')).toMatch(/^-----BEGIN [A-Z ]*PRIVATE KEY-----/);
    await expectAccessible(home, 'a private key, shown');
    await home.keyboard.press('Escape');
    await detail.getByRole('button', { name: 'More', exact: true }).press('Enter');
    await home.getByRole('menuitem', { name: 'Remove…' }).press('Enter');
    const asked = home.getByRole('alertdialog');
    await expect(asked).toContainText('It goes on working in IAM until it is deleted there.');
    await asked.getByText('Delete it in IAM first').click();
    await expectAccessible(home, 'the removal of a credential');
    await asked.getByRole('button', { name: 'Delete and remove' }).press('Enter');
    await expect(home.getByRole('option', { name: /^git-ssh / })).toBeHidden();
    expect([...aws.credentials.values()].filter(({ body, deleted }) => body !== undefined && !deleted)).toEqual([]);

    // A private key and its certificate, from two files.
    await go('HSM');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = createTestCa(Date.now()).issueFor('CN=build,O=Example', publicKey);
    await home
      .getByRole('region', { name: 'Certificates' })
      .getByRole('button', { name: /^Import…/ })
      .press('Enter');
    await dialog.getByRole('button', { name: 'Import' }).press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('Choose the files with the private key and its certificate.');
    const files = home.locator('input[type=file]');
    await files.setInputFiles([
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('nothing') },
      { name: 'old.pem', mimeType: 'text/plain', buffer: Buffer.from(createTestCa(Date.now()).certificate) },
    ]);
    await expect(dialog.getByRole('alert')).toContainText('notes.txt has neither a private key nor a certificate');
    await dialog.getByRole('button', { name: 'Remove old.pem' }).press('Enter');
    await expect(dialog.getByRole('list', { name: 'What the files have' })).toBeHidden();
    await dialog.getByRole('textbox', { name: 'Name' }).clear();
    await files.setInputFiles([
      { name: 'build.crt', mimeType: 'text/plain', buffer: Buffer.from(pem) },
      {
        name: 'build.key',
        mimeType: 'text/plain',
        buffer: Buffer.from(privateKey.export({ type: 'sec1', format: 'pem' })),
      },
    ]);
    await expect(dialog.getByRole('list', { name: 'What the files have' })).toContainText('Private key');
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('build');
    await expectAccessible(home, 'a certificate to import');
    await dialog.getByRole('button', { name: 'Import' }).press('Enter');
    await expect(dialog).toBeHidden();
    await expect(home.getByRole('region', { name: 'Certificates' })).toContainText('CN=build,O=Example');
    const { certificates } = await daemon.call('certificate.list', {});
    expect(certificates).toMatchObject([{ name: 'build', imported: true, state: 'valid' }]);
  } finally {
    await aws.close();
  }
});

test('credentials that are due are begun with the keys, one whose answer was lost is completed, and a token gets another PIN', async ({
  fake,
}) => {
  const page = await fake(8);
  const { dialog, go } = vaultPage(page);
  const detail = page.getByRole('article');
  await expect(page.getByText('2 access keys and 1 credential due:')).toBeVisible();
  await go('Rotation');
  await page.getByRole('option', { name: /^git / }).click();
  await expect(detail).toContainText('Password for CodeCommit');
  await expectAccessible(page, 'a password that is due');
  await page.getByRole('button', { name: 'Rotate all due…' }).press('Enter');
  await expect(dialog.getByRole('heading', { name: 'Rotate 2 keys and 1 credential' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Make the plans' }).press('Enter');
  await expect(dialog.getByRole('status')).toContainText('2 of them can be rotated. One cannot');
  await expectAccessible(page, 'plans of keys and a credential');
  await dialog.getByRole('button', { name: 'Start 2 rotations' }).press('Enter');
  await expect(dialog.getByRole('status')).toContainText('2 rotations under way');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('option', { name: /^git .*running/ })).toBeVisible();

  await page.getByRole('option', { name: /^git .*running/ }).click();
  await detail.getByRole('link', { name: 'git' }).press('Enter');
  await expect(detail.getByRole('button', { name: 'Rotate…' })).toBeDisabled();
  await detail.getByRole('button', { name: 'Change… the maximum age' }).press('Enter');
  await expect(dialog.getByRole('heading', { name: 'Maximum age for git' })).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('option', { name: /^models .*not complete/ }).click();
  await detail.getByRole('button', { name: 'Complete it…' }).press('Enter');
  await dialog.getByRole('button', { name: 'Complete it' }).press('Enter');
  await expect(dialog.getByRole('status')).toContainText('ACCA4RYPLM6XD3W8QN7K');
  await expectAccessible(page, 'one that has appeared in IAM');
  await dialog.getByRole('button', { name: /^It is this one/ }).press('Enter');
  await expect(dialog).toBeHidden();
  await expect(detail.getByRole('button', { name: 'Show the API key…' })).toBeVisible();

  await go('HSM');
  const tokens = page.getByRole('region', { name: 'Tokens' });
  await tokens.getByRole('button', { name: 'More for vault-room' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Change the PIN…' }).press('Enter');
  await dialog.getByLabel('New PIN', { exact: true }).fill('123456');
  await dialog.getByLabel('The same again', { exact: true }).fill('654321');
  await page.keyboard.press('Enter');
  await expect(dialog.getByLabel('The same again', { exact: true })).toHaveAccessibleDescription(
    'These are not the same.',
  );
  await expectAccessible(page, 'a PIN that differs');
  await dialog.getByText('A random one that nobody sees').click();
  await dialog.getByRole('button', { name: 'Change the PIN' }).press('Enter');
  await expect(page.getByText('vault-room has its new PIN, and so has the vault.')).toBeVisible();
  await tokens.getByRole('button', { name: 'More for spare-card' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Enter the PIN…' }).press('Enter');
  await dialog.getByLabel('PIN of the token spare', { exact: true }).fill('123456');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toContainText('There is no token with the label spare.');
});

test('a dialog that is closed while IAM is asked ends nothing but itself', async ({ page }) => {
  const vault = sampleVault(8);
  const shell = await startFakePage(vault);
  const { dialog } = vaultPage(page);
  const asked = page.getByRole('alertdialog');
  try {
    await page.goto(shell.open());
    await page.getByRole('link', { name: 'Access keys', exact: true }).click();
    await page.getByRole('radio', { name: 'Passwords and SSH keys' }).click();

    // What is refused of a completion is seen, and the next try is another one.
    await page.getByRole('option', { name: /^models .*not complete/ }).click();
    await page.getByRole('button', { name: 'Complete it…' }).press('Enter');
    const taken = 'There is a credential called “models” already.';
    vault.failing.set('credential.add', new KeyholdError('AlreadyExists', taken, { kind: 'credential' }));
    await dialog.getByRole('button', { name: 'Complete it' }).press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(taken);
    vault.failing.clear();
    await dialog.getByRole('button', { name: 'Complete it' }).press('Enter');
    await expect(dialog.getByRole('status')).toContainText('ACCA4RYPLM6XD3W8QN7K');

    const adding = await holdCall(page, 'credential.add');
    await dialog.getByRole('button', { name: /^It is this one/ }).press('Enter');
    await adding.asked;
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await page.keyboard.press('n');
    await expect(dialog.getByRole('heading', { name: 'Add a password or SSH key' })).toBeVisible();
    adding.letGo();
    await expect(page.getByText('API key for Bedrock: “models” is in the vault.')).toBeVisible();
    await expect(dialog.getByRole('heading', { name: 'Add a password or SSH key' })).toBeVisible();
    await page.keyboard.press('Escape');

    // Of several, what has begun is ended, and nothing after it is begun.
    const removing = await holdCall(page, 'credential.remove');
    await page.getByRole('option', { name: /^git / }).click();
    await page.keyboard.press('x');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByRole('toolbar').getByRole('button', { name: 'Remove…' }).press('Enter');
    await asked.getByRole('button', { name: 'Remove' }).press('Enter');
    await removing.asked;
    await page.keyboard.press('Escape');
    await expect(asked).toBeHidden();
    removing.letGo();
    await expect(page.getByText('Removed “git”; 1 not, as the dialog was closed.')).toBeVisible();
    await expect(page.getByRole('option', { name: /^git / })).toBeHidden();
    await expect(page.getByRole('option', { name: /^git-ssh / })).toBeVisible();
  } finally {
    await shell.stop();
  }
});

test('a list that cannot be read is said, and nothing looks as if it were not due', async ({ page }) => {
  const vault = sampleVault(8);
  vault.failing.set('credential.list', new KeyholdError('Internal', 'Something went wrong inside Keyhold.'));
  const shell = await startFakePage(vault);
  try {
    await page.goto(shell.open());
    await expect(page.getByRole('alert')).toContainText('Passwords and SSH keys could not be read');
    await expect(page.getByRole('alert').getByRole('button', { name: 'Try again' })).toBeVisible();
    await page.keyboard.press('g');
    await page.keyboard.press('w');
    await expect(page.getByRole('heading', { name: 'Passwords and SSH keys could not be read' })).toBeVisible();
    await expectAccessible(page, 'credentials that cannot be read');
    await vaultPage(page).go('Rotation');
    await expect(page.getByRole('alert')).toContainText('What is due could not be read');
    vault.failing.clear();
    await page.getByRole('button', { name: 'Try again' }).press('Enter');
    await expect(page.getByRole('option', { name: /^git .*due/ })).toBeVisible();
  } finally {
    await shell.stop();
  }
});
