import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Nothing that axe-core finds wrong on the page as it stands. */
export async function expectAccessible(page: Page, what: string, except: string[] = []): Promise<void> {
  // Legacy mode leaves out frames from elsewhere, which the page's policy forbids, and with them a second page for every look.
  const axe = new AxeBuilder({ page })
    .setLegacyMode()
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .disableRules(except);
  await expectNone(axe, what);
}

/** What of it depends on the theme: for a page that has been looked at in the other one. */
export async function expectReadable(page: Page, what: string): Promise<void> {
  await expectNone(new AxeBuilder({ page }).setLegacyMode().withRules(['color-contrast', 'link-in-text-block']), what);
}

async function expectNone(axe: AxeBuilder, what: string): Promise<void> {
  const { violations } = await axe.analyze();
  expect(
    violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`),
  ).toEqual([]);
}
