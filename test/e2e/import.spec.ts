import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { dropFile } from './pages/drop-file.ts';
import { vaultPage } from './pages/vault-page.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const CREDENTIALS = `[default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = ${SECRET}

[ci]
aws_access_key_id = AKIAIOSFODNN7EXAMPL2
aws_secret_access_key = ${SECRET}

[half]
aws_access_key_id = AKIAIOSFODNN7EXAMPL3
`;

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-drop-'));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a credentials file that is dropped shows what is in it before anything is stored', async ({ home, daemon }) => {
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  const file = join(folder, 'credentials');
  writeFileSync(file, CREDENTIALS);
  await vaultPage(home).go('Access keys');
  await home.keyboard.press('n');
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', { name: 'From a file…' }).click();
  await dropFile(dialog.getByText('Drop accessKeys.csv or an AWS credentials file'), file);
  await expect(dialog.getByText('Found 2 keys')).toBeVisible();
  await expect(dialog.getByText('Line 10, aws_access_key_id: its secret access key is missing.')).toBeVisible();
  expect((await daemon.call('key.list', {})).keys).toEqual([]);
  await dialog.getByText('ci', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Add 1 access key' }).click();
  await expect(dialog).toBeHidden();
  await expect(home.getByText(/1 access key from credentials in the vault/)).toBeVisible();
  const { keys } = await daemon.call('key.list', {});
  expect(keys.map((key) => [key.name, key.account])).toEqual([['default', 'prod']]);
  expect(await home.content()).not.toContain(SECRET);
});

test('a dropped file without keys is said to be one', async ({ home, daemon }) => {
  await daemon.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  const file = join(folder, 'notes.txt');
  writeFileSync(file, 'shopping list\n');
  await vaultPage(home).go('Access keys');
  await home.keyboard.press('n');
  const dialog = home.getByRole('dialog');
  await dialog.getByRole('button', { name: 'From a file…' }).click();
  await dropFile(dialog.getByText('Drop accessKeys.csv or an AWS credentials file'), file);
  await expect(dialog.getByText('No access key in notes.txt')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Add access keys' })).toBeDisabled();
});

test('a file that misses its place does not take the page away', async ({ home }) => {
  const file = join(folder, 'credentials');
  writeFileSync(file, CREDENTIALS);
  await dropFile(home.getByRole('heading', { name: 'Home', level: 1 }), file);
  await vaultPage(home).go('Access keys');
  expect(home.url()).toMatch(/^http:/);
  expect(home.context().pages()).toHaveLength(1);
});
