import { existsSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import type { ConsoleBrowser } from '../../contract/console.ts';

type Named = Exclude<ConsoleBrowser, 'default'>;

export interface FoundBrowser {
  name: Named;
  /** For people. */
  label: string;
  program: string;
  family: 'chromium' | 'firefox';
}

/** What differs by machine; tests pass their own. */
export interface BrowserPlaces {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  exists(path: string): boolean;
}

export function browserPlaces(): BrowserPlaces {
  return { platform: process.platform, env: process.env, exists: existsSync };
}

interface Known {
  label: string;
  family: FoundBrowser['family'];
  /** Names in PATH. */
  linux: readonly string[];
  mac: string;
  /** Below the folders that programs are installed in. */
  windows: string;
}

/** In the order that they are looked for: those whose profiles are apart by a folder come first. */
const BROWSERS: Readonly<Record<Named, Known>> = {
  chrome: {
    label: 'Chrome',
    family: 'chromium',
    linux: ['google-chrome', 'google-chrome-stable'],
    mac: 'Google Chrome.app/Contents/MacOS/Google Chrome',
    windows: 'Google\\Chrome\\Application\\chrome.exe',
  },
  chromium: {
    label: 'Chromium',
    family: 'chromium',
    linux: ['chromium', 'chromium-browser'],
    mac: 'Chromium.app/Contents/MacOS/Chromium',
    windows: 'Chromium\\Application\\chrome.exe',
  },
  edge: {
    label: 'Edge',
    family: 'chromium',
    linux: ['microsoft-edge', 'microsoft-edge-stable'],
    mac: 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    windows: 'Microsoft\\Edge\\Application\\msedge.exe',
  },
  brave: {
    label: 'Brave',
    family: 'chromium',
    linux: ['brave-browser', 'brave'],
    mac: 'Brave Browser.app/Contents/MacOS/Brave Browser',
    windows: 'BraveSoftware\\Brave-Browser\\Application\\brave.exe',
  },
  firefox: {
    label: 'Firefox',
    family: 'firefox',
    linux: ['firefox', 'firefox-esr'],
    mac: 'Firefox.app/Contents/MacOS/firefox',
    windows: 'Mozilla Firefox\\firefox.exe',
  },
};

const NAMES = Object.keys(BROWSERS).filter((name): name is Named => name in BROWSERS);

export function labelOf(name: Named): string {
  return BROWSERS[name].label;
}

/** `default`: the first one that there is. Undefined where there is none. */
export function findBrowser(wanted: ConsoleBrowser, places: BrowserPlaces = browserPlaces()): FoundBrowser | undefined {
  for (const name of wanted === 'default' ? NAMES : [wanted]) {
    const { label, family, ...known } = BROWSERS[name];
    const program = candidates(known, places).find((path) => places.exists(path));
    if (program !== undefined) return { name, label, family, program };
  }
  return undefined;
}

function candidates(
  { linux, mac, windows }: Pick<Known, 'linux' | 'mac' | 'windows'>,
  places: BrowserPlaces,
): string[] {
  const { platform, env } = places;
  if (platform === 'darwin') {
    return ['/Applications', posix.join(env['HOME'] ?? '/', 'Applications')].map((folder) => posix.join(folder, mac));
  }
  if (platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
      const folder = env[name];
      return folder === undefined ? [] : [win32.join(folder, windows)];
    });
  }
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return linux.flatMap((name) => folders.map((folder) => posix.join(folder, name)));
}
