import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ElectronApplication, _electron as electron, expect, type Page, test } from '@playwright/test';
import { electronBinary, whyNoWindow } from '../../scripts/electron-binary.ts';

const root = resolve(import.meta.dirname, '../..');
const binary = electronBinary();
const against =
  binary === null ? 'Electron’s binary is not here' : whyNoWindow(process.env, process.platform, process.getuid?.());

test.skip(against !== null, against ?? '');

let home: string;
let app: ElectronApplication;
let page: Page;

test.beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keyhold-electron-'));
  app = await electron.launch({
    ...(binary === null ? {} : { executablePath: binary }),
    args: [root],
    env: { ...process.env, KEYHOLD_HOME: home },
  });
  page = await app.firstWindow();
  await page.waitForLoadState('domcontentloaded');
});

test.afterEach(async () => {
  await app.close();
  await rm(home, { recursive: true, force: true });
});

test('shows the page from app:// without Node and with the bridge alone', async () => {
  expect(page.url()).toBe('app://keyhold/');
  const world = await page.evaluate(() => ({
    require: typeof Reflect.get(globalThis, 'require'),
    process: typeof Reflect.get(globalThis, 'process'),
    bridge: Object.keys(Object(Reflect.get(globalThis, 'keyhold'))).sort(),
  }));
  expect(world).toEqual({
    require: 'undefined',
    process: 'undefined',
    bridge: ['call', 'filePart', 'shell', 'subscribe'],
  });
});

test('bytes of a file cross the bridge as bytes', async () => {
  const answer = await page.evaluate(() => {
    const bridge: unknown = Reflect.get(globalThis, 'keyhold');
    const send: unknown = Reflect.get(Object(bridge), 'filePart');
    return typeof send === 'function' ? send({ id: '0'.repeat(32), index: 0, last: true }, new Uint8Array(3)) : null;
  });
  // What is no Uint8Array would be InvalidInput; there is no such file under way.
  expect(answer).toMatchObject({ error: { code: 'NotFound' } });
});

test('runs with the sandbox on and developer tools off', async () => {
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    window?.webContents.openDevTools();
    return {
      open: window?.webContents.isDevToolsOpened(),
      type: window?.webContents.getType(),
    };
  });
  expect(preferences).toEqual({ open: false, type: 'window' });
});

test('refuses eval, inline script, remote requests, navigation and new windows', async () => {
  const refused = await page.evaluate(async () => {
    const outcome: Record<string, boolean> = {};
    try {
      new Function('return 1')();
      outcome['eval'] = false;
    } catch {
      outcome['eval'] = true;
    }
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.head.append(script);
    outcome['inline'] = Reflect.get(globalThis, 'inlineRan') === undefined;
    outcome['fetch'] = await fetch('http://127.0.0.1:1/').then(
      () => false,
      () => true,
    );
    outcome['open'] = window.open('https://evil.example/') === null;
    return outcome;
  });
  expect(refused).toEqual({ eval: true, inline: true, fetch: true, open: true });
  await page.evaluate(() => {
    location.href = 'https://evil.example/';
  });
  expect(page.url()).toBe('app://keyhold/');
  expect(app.windows()).toHaveLength(1);
});

test('answers the contract over IPC and starts its HSM process without a window', async () => {
  await expect(page.getByRole('heading').first()).toBeVisible();
  const answer = await page.evaluate(async () => {
    const bridge: unknown = Reflect.get(globalThis, 'keyhold');
    const call: unknown = Reflect.get(Object(bridge), 'call');
    if (typeof call !== 'function') return undefined;
    // Asking for the sealing key makes sure that the process is up.
    await call('hsm.sealKey', {});
    return await call('status.get', {});
  });
  expect(answer).toMatchObject({ result: { state: 'none' } });
  const utilities = await app.evaluate(({ app: running }) =>
    running
      .getAppMetrics()
      .flatMap((metric) => (metric.type === 'Utility' && metric.name === 'Keyhold HSM' ? [metric.name] : [])),
  );
  expect(utilities).toEqual(['Keyhold HSM']);
});

test('a second start on the same vault gives way to the first', async () => {
  const second = await electron.launch({
    ...(binary === null ? {} : { executablePath: binary }),
    args: [root],
    env: { ...process.env, KEYHOLD_HOME: home },
  });
  await second.waitForEvent('close');
  expect(app.windows()).toHaveLength(1);
});
