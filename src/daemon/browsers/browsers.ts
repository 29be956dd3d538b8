import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConsoleBrowser } from '../../contract/console.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Browsers } from '../../core/console/aws-console.ts';
import type { Clock, Random } from '../../core/ports.ts';
import { makePrivateFolder } from '../home.ts';
import { type LinkFiles, openLinkFiles } from '../link-files.ts';
import { type BrowserPlaces, browserPlaces, type FoundBrowser, findBrowser, labelOf } from './find-browser.ts';

export interface BrowserOptions {
  /** The vault's. */
  home: string;
  clock: Clock;
  random: Random;
  places?: BrowserPlaces;
  /** Starts a program that goes on by itself; false where it cannot be started. */
  start?: (program: string, args: readonly string[]) => Promise<boolean>;
}

/** A browser that starts has read the page by then. */
const PAGE_MS = 60_000;
const ID = /^[0-9a-f]{32}$/;

/**
 * Browsers with a profile of their own for each of Keyhold's, below the vault's folder: several consoles are open beside each other, and none sees what the person does elsewhere.
 * What a browser is to open is in a page on disk that only its owner can read, and never among its arguments, which every user of the machine can (`link-files.ts`).
 */
export function openBrowsers(options: BrowserOptions): Browsers & { stop(): void } {
  const { home, clock, places = browserPlaces(), start = startApart } = options;
  const pages: LinkFiles = openLinkFiles(join(home, 'console'), options.random);
  const timers = new Set<{ cancel(): void }>();
  const folderOf = (id: string): string => {
    if (!ID.test(id)) throw new TypeError('a browser profile belongs to a record');
    return join(home, 'browsers', id);
  };
  pages.clear();
  return {
    async open(url, { id, browser: wanted, container }) {
      const browser = choose(ConsoleBrowser.parse(wanted), container, places);
      if (browser === undefined) return null;
      const page = pages.write(container === undefined ? url : inContainer(url, container));
      const timer = clock.setTimer(PAGE_MS, () => {
        timers.delete(timer);
        pages.remove(page);
      });
      timers.add(timer);
      const folder = folderOf(id);
      if (container === undefined) makePrivateFolder(folder, 'The browser profile');
      const started = await start(browser.program, argumentsOf(browser, container, folder, pathToFileURL(page).href));
      if (!started) return null;
      const where = container === undefined ? 'a profile of its own' : `the container ${container}`;
      return { browser: `${browser.label}, in ${where}` };
    },

    forget(id) {
      const folder = folderOf(id);
      if (!existsSync(folder)) return false;
      if (isOpen(folder)) {
        throw new KeyholdError('InUse', 'The browser is open with this profile. Close its windows, then try again.');
      }
      rmSync(folder, { recursive: true, force: true });
      return true;
    },

    keepOnly(ids) {
      const all = join(home, 'browsers');
      if (!existsSync(all)) return;
      for (const id of readdirSync(all)) {
        if (!ID.test(id) || ids.has(id) || isOpen(folderOf(id))) continue;
        rmSync(folderOf(id), { recursive: true, force: true });
      }
    },

    stop() {
      for (const timer of timers) timer.cancel();
      timers.clear();
      pages.clear();
    },
  };
}

function choose(
  wanted: ConsoleBrowser,
  container: string | undefined,
  places: BrowserPlaces,
): FoundBrowser | undefined {
  if (container !== undefined && wanted !== 'default' && wanted !== 'firefox') {
    throw new KeyholdError(
      'InvalidInput',
      'container: only Firefox has containers. Leave the browser or the container out.',
    );
  }
  const named = container === undefined ? wanted : 'firefox';
  const found = findBrowser(named, places);
  if (found !== undefined || named === 'default') return found;
  throw new KeyholdError(
    'NotFound',
    `${labelOf(named)} is not found on this machine. Choose another browser, or print the address.`,
  );
}

function argumentsOf(
  { family }: FoundBrowser,
  container: string | undefined,
  folder: string,
  page: string,
): readonly string[] {
  if (container !== undefined) return [page];
  if (family === 'firefox') return ['--profile', folder, page];
  return [`--user-data-dir=${folder}`, '--no-first-run', '--no-default-browser-check', page];
}

/** The scheme of the add-on "Open URL in Container" (https://github.com/honsiorovskyi/open-url-in-container); it makes a container that there is not. */
function inContainer(url: string, name: string): string {
  return `ext+container:name=${encodeURIComponent(name)}&url=${encodeURIComponent(url)}`;
}

/** Chromium and Firefox leave these while they run; the first is a link that leads nowhere. */
function isOpen(folder: string): boolean {
  return process.platform !== 'win32' && ['SingletonLock', 'lock'].some((name) => isThere(join(folder, name)));
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function startApart(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
