import { expect, test } from './fixtures.ts';
import { expectReadable } from './pages/expect-accessible.ts';
import { vaultPage } from './pages/vault-page.ts';

test.use({ contextOptions: { reducedMotion: 'reduce', forcedColors: 'active' } });

test('with forced colours one sees what is on, where the cursor is and where the focus is', async ({ fake }) => {
  const page = await fake(8);
  await vaultPage(page).go('Access keys');
  const rows = page.getByRole('option');
  const bar = (place: number) => rows.nth(place).evaluate((row) => getComputedStyle(row).borderLeftColor);
  await expect(rows.first()).toHaveAttribute('aria-current', 'true');
  expect(await bar(1)).toBe('rgba(0, 0, 0, 0)');
  expect(await bar(0)).not.toBe(await bar(1));
  const outline = await rows.first().evaluate((row) => getComputedStyle(row).outlineStyle);
  expect(outline).toBe('solid');
  await expectReadable(page, 'access keys, forced colours');

  await vaultPage(page).go('Settings');
  const track = (on: boolean) =>
    page.evaluate((selected) => {
      const input = [...document.querySelectorAll<HTMLInputElement>('input[role="switch"]')].find(
        (one) => one.checked === selected,
      );
      const box = input?.closest('label')?.querySelector('span.rounded-full');
      return box === null || box === undefined ? null : getComputedStyle(box).backgroundColor;
    }, on);
  const [on, off] = [await track(true), await track(false)];
  expect(on).not.toBeNull();
  expect(off).not.toBeNull();
  expect(on).not.toBe(off);
  await expectReadable(page, 'settings, forced colours');
});
