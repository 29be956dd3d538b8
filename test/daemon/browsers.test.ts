import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBrowsers } from '../../src/daemon/browsers/browsers.ts';
import { type BrowserPlaces, findBrowser } from '../../src/daemon/browsers/find-browser.ts';
import { systemRandom } from '../../src/daemon/system-ports.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

const ID = 'ab'.repeat(16);
const URL_ = 'https://signin.aws.amazon.com/federation?Action=login&SigninToken=s3cr3t';
let home: string;
let clock: FakeClock;
let started: string[][];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kh-browsers-'));
  clock = createFakeClock();
  started = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const linux = (...programs: string[]): BrowserPlaces => ({
  platform: 'linux',
  env: { PATH: '/usr/bin:relative:/opt/bin' },
  exists: (path) => programs.includes(path),
});
const browsers = (places: BrowserPlaces, starts = true) =>
  openBrowsers({
    ...{ home, clock, random: systemRandom, places },
    start: async (program, args) => {
      started.push([program, ...args]);
      return starts;
    },
  });
const pageOf = (args: readonly string[] | undefined): string => readFileSync(fileURLToPath(args?.at(-1) ?? ''), 'utf8');

describe('a console', () => {
  it('opens in a Chromium profile of its own, and no argument has the address', async () => {
    const opened = await browsers(linux('/opt/bin/chromium')).open(URL_, {
      ...{ id: ID, browser: 'default', container: undefined },
    });
    expect(opened).toEqual({ browser: 'Chromium, in a profile of its own' });
    const [args] = started;
    const folder = join(home, 'browsers', ID);
    expect(args?.slice(0, 2)).toEqual(['/opt/bin/chromium', `--user-data-dir=${folder}`]);
    expect(args?.join(' ')).not.toMatch(/s3cr3t|amazon/);
    expect(pageOf(args)).toContain('SigninToken=s3cr3t');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(fileURLToPath(args?.at(-1) ?? '')).mode & 0o777).toBe(0o600);
  });

  it('opens in a Firefox profile, or in a container of the person’s own Firefox', async () => {
    const places = browsers(linux('/usr/bin/firefox'));
    await places.open(URL_, { id: ID, browser: 'firefox', container: undefined });
    await places.open(URL_, { id: ID, browser: 'default', container: 'work & play' });
    expect(started[0]?.slice(0, 3)).toEqual(['/usr/bin/firefox', '--profile', join(home, 'browsers', ID)]);
    expect(started[1]).toHaveLength(2);
    expect(pageOf(started[1])).toContain(`ext+container:name=work%20%26%20play&amp;url=${encodeURIComponent(URL_)}`);
  });

  it('leaves no page behind: not after a minute, not after the daemon', async () => {
    const places = browsers(linux('/usr/bin/chromium'));
    await places.open(URL_, { id: ID, browser: 'default', container: undefined });
    expect(readdirSync(join(home, 'console'))).toHaveLength(1);
    clock.advance(60_000);
    expect(readdirSync(join(home, 'console'))).toEqual([]);
    await places.open(URL_, { id: ID, browser: 'default', container: undefined });
    places.stop();
    expect(readdirSync(home)).toEqual(['browsers']);
  });

  it('opens nowhere where there is no browser, or it does not start; one that was named is missed', async () => {
    expect(await browsers(linux()).open(URL_, { id: ID, browser: 'default', container: undefined })).toBeNull();
    const failing = browsers(linux('/usr/bin/chromium'), false);
    expect(await failing.open(URL_, { id: ID, browser: 'default', container: undefined })).toBeNull();
    await expect(failing.open(URL_, { id: ID, browser: 'edge', container: undefined })).rejects.toMatchObject({
      code: 'NotFound',
      message: expect.stringContaining('Edge is not found'),
    });
    await expect(failing.open(URL_, { id: ID, browser: 'chrome', container: 'x' })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
  });

  it('is forgotten with its cookies, but not while the browser is open', () => {
    const places = browsers(linux());
    expect(places.forget(ID)).toBe(false);
    const folder = join(home, 'browsers', ID);
    mkdirSync(folder, { recursive: true });
    symlinkSync('host-1234', join(folder, 'SingletonLock'));
    expect(() => places.forget(ID)).toThrow('Close its windows');
    rmSync(join(folder, 'SingletonLock'));
    expect(places.forget(ID)).toBe(true);
    expect(readdirSync(join(home, 'browsers'))).toEqual([]);
  });

  it('is forgotten with the profile that it belongs to', () => {
    const places = browsers(linux());
    places.keepOnly(new Set());
    const [kept, gone, open] = ['aa', 'bb', 'cc'].map((hex) => hex.repeat(16));
    for (const id of [kept, gone, open]) mkdirSync(join(home, 'browsers', id ?? ''), { recursive: true });
    symlinkSync('host-1234', join(home, 'browsers', open ?? '', 'SingletonLock'));
    places.keepOnly(new Set([kept ?? '']));
    expect(readdirSync(join(home, 'browsers'))).toEqual([kept, open]);
  });
});

it.each<[NodeJS.Platform, Record<string, string>, string, string]>([
  ['darwin', { HOME: '/Users/a' }, '/Users/a/Applications/Firefox.app/Contents/MacOS/firefox', 'firefox'],
  ['darwin', {}, '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', 'chrome'],
  [
    'win32',
    { 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)' },
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    'edge',
  ],
  ['linux', { PATH: '/snap/bin' }, '/snap/bin/chromium', 'chromium'],
])('on %s (%j) a browser is found where it is installed: %s', (platform, env, path, name) => {
  expect(findBrowser('default', { platform, env, exists: (one) => one === path })).toMatchObject({
    name,
    program: path,
  });
});
