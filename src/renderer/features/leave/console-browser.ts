import type { ConsoleBrowser } from '../../../contract/console.ts';
import type { Params } from '../../../contract/methods.ts';

/** Where a console is opened: a browser with a place of its own for the profile, or a container of one’s own Firefox. */
export const CONSOLE_BROWSERS: readonly { id: ConsoleBrowser | 'container'; label: string; note?: string }[] = [
  { id: 'default', label: 'The first that is there', note: 'usual' },
  { id: 'chrome', label: 'Chrome' },
  { id: 'chromium', label: 'Chromium' },
  { id: 'edge', label: 'Edge' },
  { id: 'brave', label: 'Brave' },
  { id: 'firefox', label: 'Firefox' },
  { id: 'container', label: 'Firefox, in a container' },
];

export function launchOf(browser: string, container: string): NonNullable<Params<'console.open'>['launch']> {
  const chosen = CONSOLE_BROWSERS.find(({ id }) => id === browser)?.id ?? 'default';
  return chosen === 'container' ? { container: container.trim() } : { browser: chosen };
}
