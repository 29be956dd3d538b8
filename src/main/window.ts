import { BrowserWindow, type Session, type WebPreferences } from 'electron';
import type { PageSource } from './origin.ts';

/** What every page runs with. Some are Electron's defaults today; written down, a changed default cannot weaken them. */
export function hardenedPreferences(session: Session, development: boolean): WebPreferences {
  return {
    session,
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
    devTools: development,
  };
}

export interface WindowOptions {
  preload: string;
  session: Session;
  page: PageSource;
  dark: boolean;
}

/** The one window, shown when its first frame is painted. */
export function createWindow({ preload, session, page, dark }: WindowOptions): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Keyhold',
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    show: false,
    autoHideMenuBar: true,
    // The page's own background, so that no white flash precedes it.
    backgroundColor: dark ? '#111113' : '#ffffff',
    webPreferences: { preload, ...hardenedPreferences(session, page.development) },
  });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(page.url);
  return window;
}
