import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

/** The headless shell first: the same engine without a browser's window around it, which takes a third less of the processors. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * The Chromium that drives the page in tests: KEYHOLD_CHROMIUM (a path), else one in PATH, else an installed one on macOS, else
 * the one that Playwright fetched. Null where there is none.
 */
export function chromiumBinary(
  env: NodeJS.ProcessEnv = process.env,
  fetched = chromium.executablePath(),
): string | null {
  const chosen = env['KEYHOLD_CHROMIUM'];
  if (chosen !== undefined && chosen !== '') return existsSync(chosen) ? chosen : null;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...found, ...MAC, fetched].find((path) => existsSync(path)) ?? null;
}
