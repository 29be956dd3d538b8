import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Nothing that axe-core finds wrong on the page as it stands. */
export async function expectAccessible(page: Page, what: string, except: string[] = []): Promise<void> {
  // Legacy mode leaves out frames from elsewhere, which the page's policy forbids, and with them a second page for every look.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .disableRules(except)
    .analyze();
  expect(
    violations.map(({ id, nodes }) => `${what}: ${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`),
  ).toEqual([]);
}
