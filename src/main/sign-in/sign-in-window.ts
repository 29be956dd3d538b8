import { BrowserWindow, session } from 'electron';
import { hardenedPreferences } from '../window.ts';
import { hardenSignInSession } from './harden-sign-in.ts';

export interface SignInWindowOptions {
  /** Of the sign-in: its cookies stay in memory, so that the provider knows the person the next time. */
  partition: string;
  name: string;
  url: string;
  dark: boolean;
  /** What the provider's page posted to AWS; undefined where that was no SAML response. Called once. */
  caught(samlResponse: string | undefined): void;
  /** The person has closed the window before that. Called once, and then `caught` is not. */
  closed(): void;
}

/** A window with nothing but an identity provider's pages in it. */
export function openSignInWindow(options: SignInWindowOptions): BrowserWindow {
  const { name } = options;
  const pages = session.fromPartition(options.partition);
  let over = false;
  // First: what the window's page may do is decided when it comes into being, by whose session it is.
  hardenSignInSession(pages, (samlResponse) => {
    if (over) return;
    over = true;
    window.destroy();
    options.caught(samlResponse);
  });
  const window = new BrowserWindow({
    title: `Sign in to ${name}`,
    width: 520,
    height: 720,
    autoHideMenuBar: true,
    backgroundColor: options.dark ? '#111113' : '#ffffff',
    webPreferences: hardenedPreferences(pages, false),
  });
  // Whose page it is, in a place that the page cannot write to.
  const sayWhere = (): void => window.setTitle(`${hostOf(window.webContents.getURL())} – sign in to ${name}`);
  window.on('page-title-updated', (event) => event.preventDefault());
  window.webContents.on('did-navigate', sayWhere);
  window.on('closed', () => {
    if (over) return;
    over = true;
    options.closed();
  });
  // A page that cannot be loaded says so in the window.
  window.loadURL(options.url).catch(() => undefined);
  return window;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
