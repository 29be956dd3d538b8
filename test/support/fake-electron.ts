import { EventEmitter } from 'node:events';

/**
 * Stands in for the `electron` module in unit tests (`vi.mock('electron', () => import('../support/fake-electron.ts'))`): records what the
 * shell asks for and lets a test play the outside.
 */

type Handler = (...args: never[]) => unknown;

export interface Recorder {
  order: string[];
}
export const recorder: Recorder = { order: [] };

class FakeApp extends EventEmitter {
  isPackaged = false;
  lock = true;
  switches = new Set<string>();
  paths = new Map<string, string>();
  quits = 0;
  exits: number[] = [];
  ready: Promise<void> = Promise.resolve();
  commandLine = { hasSwitch: (name: string): boolean => this.switches.has(name) };
  setPath(name: string, path: string): void {
    recorder.order.push('setPath');
    this.paths.set(name, path);
  }
  requestSingleInstanceLock(): boolean {
    recorder.order.push('requestSingleInstanceLock');
    return this.lock;
  }
  enableSandbox(): void {
    recorder.order.push('enableSandbox');
  }
  whenReady(): Promise<void> {
    recorder.order.push('whenReady');
    return this.ready;
  }
  quit(): void {
    this.quits += 1;
  }
  exit(code: number): void {
    this.exits.push(code);
  }
  getVersion(): string {
    return '0.0.0';
  }
}

export class FakeFrame {
  parent: FakeFrame | null = null;
  origin: string;
  url: string;
  constructor(url: string, origin: string) {
    this.url = url;
    this.origin = origin;
  }
}

export class FakeContents extends EventEmitter {
  mainFrame = new FakeFrame('app://keyhold/', 'app://keyhold');
  sent: [string, unknown][] = [];
  destroyed = false;
  /** Of the window's preferences; undefined where a test made the page itself. */
  session: unknown;
  loaded: string[] = [];
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    return Promise.resolve();
  }
  getURL(): string {
    return this.loaded.at(-1) ?? '';
  }
  send(channel: string, value: unknown): void {
    this.sent.push([channel, value]);
  }
}

export class BrowserWindow extends EventEmitter {
  static all: BrowserWindow[] = [];
  webContents = new FakeContents();
  options: { webPreferences: Record<string, unknown> } & Record<string, unknown>;
  loaded: string[] = [];
  visible = false;
  destroyed = false;
  title = '';
  constructor(options: { webPreferences: Record<string, unknown> } & Record<string, unknown>) {
    super();
    this.options = options;
    this.webContents.session = options.webPreferences['session'];
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    return this.webContents.loadURL(url);
  }
  setTitle(title: string): void {
    this.title = title;
  }
  show(): void {
    this.visible = true;
  }
  hide(): void {
    this.visible = false;
  }
  focus(): void {}
  restore(): void {}
  isMinimized(): boolean {
    return false;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  destroy(): void {
    this.destroyed = true;
    this.webContents.destroyed = true;
    this.webContents.emit('destroyed');
    this.emit('closed');
  }
}

class FakeProtocol {
  privileged: unknown[] = [];
  handlers = new Map<string, (request: Request) => Response | Promise<Response>>();
  registerSchemesAsPrivileged(schemes: unknown[]): void {
    recorder.order.push('registerSchemesAsPrivileged');
    this.privileged.push(...schemes);
  }
  handle(scheme: string, handler: (request: Request) => Response | Promise<Response>): void {
    this.handlers.set(scheme, handler);
  }
}

export class FakeSession extends EventEmitter {
  partition: string;
  protocol = new FakeProtocol();
  handlers = new Map<string, Handler>();
  spellChecker = true;
  webRequest = {
    onBeforeRequest: (handler: Handler): void => {
      this.handlers.set('beforeRequest', handler);
    },
  };
  constructor(partition: string) {
    super();
    this.partition = partition;
  }
  setPermissionRequestHandler(handler: Handler): void {
    this.handlers.set('permissionRequest', handler);
  }
  setPermissionCheckHandler(handler: Handler): void {
    this.handlers.set('permissionCheck', handler);
  }
  setDevicePermissionHandler(handler: Handler): void {
    this.handlers.set('device', handler);
  }
  setBluetoothPairingHandler(handler: Handler): void {
    this.handlers.set('bluetooth', handler);
  }
  setDisplayMediaRequestHandler(handler: Handler): void {
    this.handlers.set('displayMedia', handler);
  }
  cleared = 0;
  clearStorageData(): Promise<void> {
    this.cleared += 1;
    return Promise.resolve();
  }
  setSpellCheckerEnabled(on: boolean): void {
    this.spellChecker = on;
  }
  /** Calls a handler the way Electron would; the test knows its arguments. */
  invoke(name: string, ...args: unknown[]): unknown {
    const handler = this.handlers.get(name);
    if (handler === undefined) throw new Error(`No ${name} handler was set.`);
    return Reflect.apply(handler, undefined, args);
  }
}

export const app = new FakeApp();
export const protocol = new FakeProtocol();
export const sessions = new Map<string, FakeSession>();
export const session = {
  fromPartition(partition: string): FakeSession {
    const found = sessions.get(partition) ?? new FakeSession(partition);
    sessions.set(partition, found);
    return found;
  },
};
export const nativeTheme = { shouldUseDarkColors: false };
export const powerMonitor = new EventEmitter();

export const ipcMain = {
  handlers: new Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>(),
  handle(channel: string, handler: (event: unknown, ...args: unknown[]) => Promise<unknown>): void {
    ipcMain.handlers.set(channel, handler);
  },
};

class FakeIpcRenderer extends EventEmitter {
  invoked: unknown[][] = [];
  answer: unknown = { result: {} };
  invoke(...args: unknown[]): Promise<unknown> {
    this.invoked.push(args);
    return Promise.resolve(this.answer);
  }
}
export const ipcRenderer = new FakeIpcRenderer();
export const exposed = new Map<string, unknown>();
export const contextBridge = {
  exposeInMainWorld(name: string, api: unknown): void {
    exposed.set(name, api);
  },
};

export const shell = {
  opened: [] as string[],
  openExternal(url: string): Promise<void> {
    shell.opened.push(url);
    return Promise.resolve();
  },
};

export const dialog = {
  answers: [] as number[],
  asked: [] as { message: string; detail?: string }[],
  errors: [] as [string, string][],
  showMessageBox(options: { message: string; detail?: string }): Promise<{ response: number }> {
    dialog.asked.push(options);
    return Promise.resolve({ response: dialog.answers.shift() ?? 1 });
  },
  showErrorBox(title: string, content: string): void {
    dialog.errors.push([title, content]);
  },
};

export const clipboard = {
  text: '',
  writeText(text: string): Promise<void> {
    clipboard.text = text;
    return Promise.resolve();
  },
  readText: (): Promise<string> => Promise.resolve(clipboard.text),
  clear(): Promise<void> {
    clipboard.text = '';
    return Promise.resolve();
  },
};

export const desktopCapturer = {
  getSources: (): Promise<{ id: string; name: string }[]> => Promise.resolve([{ id: 'screen:0', name: 'Screen' }]),
};

interface MenuItem {
  label?: string;
  role?: string;
  submenu?: MenuItem[];
  click?: () => void;
}
export const Menu = {
  current: undefined as MenuItem[] | undefined,
  buildFromTemplate: (template: MenuItem[]): MenuItem[] => template,
  setApplicationMenu(menu: MenuItem[]): void {
    Menu.current = menu;
  },
};
export class Tray extends EventEmitter {
  static all: Tray[] = [];
  menu: MenuItem[] = [];
  constructor(readonlyImage: unknown) {
    super();
    if (readonlyImage === undefined) throw new Error('A tray needs an image.');
    Tray.all.push(this);
  }
  setToolTip(): void {}
  setContextMenu(menu: MenuItem[]): void {
    this.menu = menu;
  }
}
export const nativeImage = { createFromPath: (path: string) => ({ isEmpty: () => path === '' }) };

export class FakeUtilityProcess extends EventEmitter {
  static all: FakeUtilityProcess[] = [];
  pid: number | undefined;
  modulePath: string;
  args: string[];
  options: { env?: Record<string, string>; execArgv?: string[]; stdio?: string[]; serviceName?: string };
  posted: unknown[] = [];
  terminated = 0;
  constructor(modulePath: string, args: string[], options: FakeUtilityProcess['options']) {
    super();
    this.modulePath = modulePath;
    this.args = args;
    this.options = options;
    FakeUtilityProcess.all.push(this);
  }
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  kill(): boolean {
    this.terminated += 1;
    return true;
  }
}
export const utilityProcess = {
  fork: (modulePath: string, args: string[], options: FakeUtilityProcess['options']): FakeUtilityProcess =>
    new FakeUtilityProcess(modulePath, args, options),
};

/** Back to a fresh app for the next test. */
export function resetFakeElectron(): void {
  recorder.order = [];
  app.removeAllListeners();
  Object.assign(app, { isPackaged: false, lock: true, quits: 0, exits: [], ready: Promise.resolve() });
  app.switches.clear();
  app.paths.clear();
  protocol.privileged = [];
  sessions.clear();
  powerMonitor.removeAllListeners();
  ipcMain.handlers.clear();
  ipcRenderer.removeAllListeners();
  ipcRenderer.invoked = [];
  exposed.clear();
  shell.opened = [];
  dialog.answers = [];
  dialog.asked = [];
  dialog.errors = [];
  BrowserWindow.all = [];
  Tray.all = [];
  FakeUtilityProcess.all = [];
  Menu.current = undefined;
}
