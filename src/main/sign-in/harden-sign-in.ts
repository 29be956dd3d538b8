import type { Session, WebContents } from 'electron';
import { isForAws, samlResponseOf } from './saml-response-of.ts';

/** Sessions of windows that show an identity provider's pages: strangers', which may go where https leads and nowhere else. */
const sessions = new WeakSet<Session>();

export function isForSignIn(contents: WebContents): boolean {
  return sessions.has(contents.session);
}

/**
 * Nothing but web pages over https, without permissions, devices or downloads. What is on its way to AWS is stopped, and its form field `SAMLResponse` handed over, undefined
 * where there is none.
 */
export function hardenSignInSession(session: Session, caught: (samlResponse: string | undefined) => void): void {
  sessions.add(session);
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.setSpellCheckerEnabled(false);
  session.removeAllListeners('will-download');
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => {
    const found = isForAws(details);
    answer({ cancel: found || !isEncrypted(details.url) });
    if (found) caught(samlResponseOf(details));
  });
}

export function hardenSignInContents(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    // A provider's page that wants a window of its own gets this one.
    if (isWebPage(url)) void contents.loadURL(url).catch(() => undefined);
    return { action: 'deny' };
  });
  contents.on('will-frame-navigate', (event) => {
    if (!(event.isMainFrame ? isWebPage(event.url) : isEncrypted(event.url))) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (!isWebPage(event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

export function isWebPage(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}

/** Also what a page has made itself. */
function isEncrypted(url: string): boolean {
  return URL.canParse(url) && ['https:', 'wss:', 'data:', 'blob:', 'about:'].includes(new URL(url).protocol);
}
