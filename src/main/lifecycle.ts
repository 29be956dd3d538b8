import { mkdirSync } from 'node:fs';
import { app, type BrowserWindow, dialog, Menu, nativeTheme, powerMonitor, session } from 'electron';
import { KeyholdError, toWireError } from '../contract/errors.ts';
import type { Contract } from '../daemon/control-socket.ts';
import type { FileJobs } from '../daemon/file-jobs.ts';
import type { listWebAssets } from '../daemon/web-assets.ts';
import { hardenContents } from './harden-contents.ts';
import { hardenSession } from './harden-session.ts';
import { clearClipboard, pushEvents, serveIpc } from './ipc.ts';
import { applicationMenu, type MenuActions } from './menu.ts';
import { openExternal } from './open-external.ts';
import { pageSource } from './origin.ts';
import { registerAppScheme, serveApp } from './protocol.ts';
import { hardenSignInContents, isForSignIn } from './sign-in/harden-sign-in.ts';
import { isSignInPage } from './sign-in/is-sign-in-page.ts';
import { showSignIns } from './sign-in/show-sign-ins.ts';
import { createTray, showDue } from './tray.ts';
import { watchDue } from './watch-due.ts';
import { createWindow } from './window.ts';

/** The daemon as the shell needs it. */
export interface ShellDaemon {
  contract: Contract;
  files: Pick<FileJobs, 'part'>;
  stop(): Promise<void>;
}

export interface ShellOptions {
  /** Starts the daemon in this process; `takeOver` ends one that already holds the vault. */
  startDaemon(): Promise<ShellDaemon>;
  takeOver(): Promise<void>;
  /** Chromium's own files (crash marks, GPU cache): in the vault's folder, so that each vault has its own single instance. */
  userData: string;
  preload: string;
  trayIcon: string;
  assets: ReturnType<typeof listWebAssets>;
  developmentServer: string | undefined;
  report(error: unknown): void;
}

/** In memory only: nothing that the page stores or caches reaches the disk. */
const PARTITION = 'keyhold';

/** Runs the app from before `ready` to its end. */
export function runShell(options: ShellOptions): void {
  mkdirSync(options.userData, { recursive: true, mode: 0o700 });
  app.setPath('userData', options.userData);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  if (
    app.isPackaged &&
    ['remote-debugging-port', 'remote-debugging-pipe', 'inspect'].some((name) => app.commandLine.hasSwitch(name))
  ) {
    app.exit(1);
    return;
  }
  app.enableSandbox();
  registerAppScheme();
  const page = pageSource(options.developmentServer, app.isPackaged);
  let contract: ShellDaemon['contract'] | undefined;
  const isOfSignIn = async (url: string): Promise<boolean> => contract !== undefined && isSignInPage(contract, url);
  const openLink = (url: string): void => {
    openExternal(url, isOfSignIn).catch(options.report);
  };
  app.on('web-contents-created', (_event, contents) => {
    if (isForSignIn(contents)) hardenSignInContents(contents);
    else hardenContents(contents, page, openLink);
  });
  // Without a listener, whoever asks would be shown the first certificate of the system's store.
  app.on('select-client-certificate', (event, _contents, _url, _certificates, answer) => {
    event.preventDefault();
    answer();
  });
  app.whenReady().then(
    () =>
      open(options, page, (started) => {
        contract = started;
      }),
    (error: unknown) => fail(options, error),
  );
}

async function open(
  options: ShellOptions,
  page: ReturnType<typeof pageSource>,
  onContract: (contract: ShellDaemon['contract']) => void,
): Promise<void> {
  const pages = session.fromPartition(PARTITION);
  hardenSession(pages, page);
  serveApp(pages.protocol, options.assets);
  let daemon: ShellDaemon;
  try {
    daemon = await start(options);
  } catch (error) {
    fail(options, error);
    return;
  }
  onContract(daemon.contract);
  serveIpc(daemon.contract, daemon.files, page.origin, options.report);
  showSignIns(daemon.contract, options.report);

  let window: BrowserWindow | undefined;
  let quitting = false;
  const show = (): void => {
    if (window === undefined || window.isDestroyed()) {
      window = createWindow({ preload: options.preload, session: pages, page, dark: nativeTheme.shouldUseDarkColors });
      pushEvents(daemon.contract, window.webContents);
      window.on('close', (event) => {
        // The door keeps serving tools: closing the window leaves Keyhold in the tray.
        if (quitting) return;
        event.preventDefault();
        window?.hide();
      });
      window.webContents.on('render-process-gone', (_event, { reason }) => {
        options.report(new Error(`The page’s process ended: ${reason}.`));
        window?.destroy();
        void offerNewWindow(show);
      });
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };
  const lock = (): void => {
    daemon.contract.call('vault.lock', {}, 'app').catch((error: unknown) => {
      if (!(error instanceof KeyholdError && error.code === 'NotInitialized')) options.report(error);
    });
  };
  const actions: MenuActions = { show, lock, quit: () => app.quit() };

  powerMonitor.on('suspend', lock);
  powerMonitor.on('lock-screen', lock);
  powerMonitor.on('user-did-resign-active', lock);
  app.on('second-instance', show);
  // Without a listener the app would quit with its window.
  app.on('window-all-closed', () => undefined);
  app.on('activate', show);
  app.on('before-quit', (event) => {
    if (quitting) return;
    quitting = true;
    event.preventDefault();
    const ends = [daemon.stop(), clearClipboard()].map((end) => end.catch(options.report));
    void Promise.all(ends).finally(() => app.exit(0));
  });
  Menu.setApplicationMenu(applicationMenu(actions, process.platform));
  createTray(options.trayIcon, actions);
  watchDue(daemon.contract, (count) => showDue(actions, count), options.report);
  show();
}

/** Starts the daemon; where another one holds the vault, asks whether to end that one. */
async function start(options: ShellOptions): Promise<ShellDaemon> {
  try {
    return await options.startDaemon();
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code !== 'VaultBusy') throw error;
    const { response } = await dialog.showMessageBox({
      type: 'question',
      title: 'Keyhold',
      message: 'Keyhold already runs in the background.',
      detail: `${error.message}\n\nTake over ends that one and locks its vault. Requests under way there fail.`,
      buttons: ['Take over', 'Quit'],
      defaultId: 1,
      cancelId: 1,
      noLink: true,
    });
    if (response !== 0) throw error;
    await options.takeOver();
    return options.startDaemon();
  }
}

async function offerNewWindow(show: () => void): Promise<void> {
  const { response } = await dialog.showMessageBox({
    type: 'error',
    title: 'Keyhold',
    message: 'The window stopped working.',
    detail: 'The vault and the front door are not affected and keep serving your tools.',
    buttons: ['Open it again', 'Not now'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  if (response === 0) show();
}

function fail(options: ShellOptions, error: unknown): void {
  if (!(error instanceof KeyholdError)) options.report(error);
  dialog.showErrorBox('Keyhold cannot start', toWireError(error).message);
  app.exit(1);
}
