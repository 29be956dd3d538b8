import { expect, test } from './fixtures.ts';
import { expectAccessible } from './pages/expect-accessible.ts';
import { vaultPage } from './pages/vault-page.ts';

test('a profile shows where its credentials come from, and a role is added with what is wrong said at its field', async ({
  fake,
}) => {
  const page = await fake(8);
  const { dialog, go } = vaultPage(page);
  await go('Profiles');
  await page.getByRole('option', { name: /^reports-reader\b/ }).click();
  const chain = page.getByRole('list', { name: 'How reports-reader gets its credentials' });
  await expect(chain.getByRole('listitem')).toHaveCount(4);
  await expect(chain).toContainText('AssumeRole, with an external id, for 4 h');
  await expect(page.getByText('1 h at most: AWS gives no more')).toBeVisible();
  await expectAccessible(page, 'a profile with a chain');

  await page.keyboard.press('n');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('stage-deploy');
  await dialog.getByRole('button', { name: /Signs with/ }).click();
  await page.getByRole('option', { name: /^prod . deploy-bot/ }).click();
  await dialog.getByText('A role', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Role ARN' }).fill('arn:aws:iam::730918264455:role/refused');
  await expect(dialog.getByText('A role of stage.')).toBeVisible();
  await dialog.getByRole('combobox', { name: 'Session lasts' }).fill('13 h');
  await dialog.getByRole('button', { name: 'Add profile' }).click();
  await expect(dialog.getByRole('combobox', { name: 'Session lasts' })).toHaveAccessibleDescription(/^12 h at most/);
  await expectAccessible(page, 'a role, refused');
  await dialog.getByRole('combobox', { name: 'Session lasts' }).fill('4 h');
  // Leaves the suggestions, which keep the rest of the page to themselves.
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Add profile' }).click();
  const arn = dialog.getByRole('textbox', { name: 'Role ARN' });
  await expect(arn).toHaveAccessibleDescription('This role is refused, whatever it is.');
  await arn.fill('arn:aws:iam::730918264455:role/deploy');
  await dialog.getByRole('button', { name: 'Add profile' }).click();
  await expect(page.getByRole('article', { name: 'Profile stage-deploy' })).toBeVisible();
});

test('sessions say what they are, why AWS refused one, and are revoked here alone', async ({ fake }) => {
  const page = await fake(8);
  const { go } = vaultPage(page);
  await page.keyboard.press('g');
  await page.keyboard.press('n');
  await page.getByRole('option', { name: /^ci-deploy\b/ }).click();
  await expect(page.getByRole('article')).toContainText('is not authorized to perform: sts:AssumeRole');
  await page.getByRole('button', { name: 'Get a session' }).click();
  await expect(page.getByRole('alert')).toContainText('There is no new session');
  await expectAccessible(page, 'a refused session');
  await page.getByRole('option', { name: /^stage-admin\b/ }).click();
  await expect(page.getByText(/^2 h \d+ min left$/)).toBeVisible();
  await page.getByRole('button', { name: 'Revoke…' }).click();
  const asked = page.getByRole('alertdialog');
  await expect(asked).toContainText('AWS goes on taking them until they expire');
  await asked.getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByRole('article').getByText('not asked for')).toBeVisible();
  await go('Profiles');
  await page.getByRole('option', { name: /^stage-admin\b/ }).click();
  await page.getByRole('region', { name: 'Session' }).getByRole('button', { name: 'Get a session' }).click();
  await expect(page.getByText(/^(4 h|3 h 59 min) left$/)).toBeVisible();
});

test('a rotation is planned before it is begun, confirmed where it asks, and rolled back', async ({ fake }) => {
  const page = await fake(8);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  const detail = page.getByRole('article');
  await expect(page.getByRole('table', { name: 'Keys in use by age' })).toBeVisible();
  await page.getByRole('option', { name: /^ci\b/ }).click();
  await expectAccessible(page, 'a rotation that waits');
  await page.getByRole('button', { name: 'Go on…' }).click();
  const asked = page.getByRole('alertdialog');
  await expect(asked).toContainText('loses access');
  await asked.getByRole('button', { name: 'Go on anyway' }).click();
  await expect(detail.getByText('running', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Roll back…' }).click();
  await asked.getByRole('button', { name: 'Roll back' }).click();
  await expect(detail.getByText('rolled back', { exact: true })).toBeVisible();

  await page.getByRole('option', { name: /^breakglass\b/ }).click();
  await page.getByRole('button', { name: 'Rotate…' }).click();
  await page.getByRole('button', { name: 'Make a plan' }).click();
  await expect(page.getByRole('region', { name: 'Plan' })).toContainText('Make a second key for the user');
  await expectAccessible(page, 'a plan');
  await page.getByRole('button', { name: 'Start the rotation' }).click();
  await expect(page.getByRole('article', { name: 'Rotation of breakglass' })).toContainText(
    'Waits until AWS takes the new key',
  );
});

test('a maximum age is set where the key is, and all that are due are planned and begun together', async ({ fake }) => {
  const page = await fake(8);
  const { dialog } = vaultPage(page);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  const detail = page.getByRole('article');
  await page.getByRole('option', { name: /^data-export\b/ }).click();
  await expect(detail.getByText(/^set for its account/)).toBeVisible();
  await detail.getByRole('button', { name: 'Change… the maximum age' }).press('Enter');
  await dialog.getByText('One of its own', { exact: true }).click();
  const days = dialog.getByRole('textbox', { name: 'Days' });
  await days.fill('5000');
  await page.keyboard.press('Enter');
  await expect(days).toHaveAccessibleDescription('A maximum age is at most 3,650 days.');
  await expectAccessible(page, 'a maximum age, refused');
  await days.fill('120');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(detail).toContainText(/120 days\s*set for this key, due 13 d ago/);

  await page.getByRole('button', { name: 'Rotate all due…' }).press('Enter');
  await expect(dialog.getByRole('heading', { name: 'Rotate 2 keys' })).toBeVisible();
  await dialog.getByRole('button', { name: 'Make the plans' }).press('Enter');
  await expect(dialog.getByRole('status')).toContainText('2 of them can be rotated. One cannot');
  const rows = dialog.getByRole('list', { name: 'What to rotate' }).getByRole('listitem');
  await expect(rows.filter({ hasText: 'data-export' })).toContainText('The user etl has two keys already');
  await expectAccessible(page, 'plans of several keys');
  await dialog.getByRole('button', { name: 'Start 2 rotations' }).press('Enter');
  await expect(dialog.getByRole('status')).toContainText('2 rotations under way');
  await expect(dialog.getByRole('button', { name: 'Go to the board' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('option', { name: /^breakglass\b.*running/ })).toBeVisible();
});
