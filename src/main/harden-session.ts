import type { Session } from 'electron';
import { originOf, type PageSource } from './origin.ts';
import { allowScreenForQr } from './screen-capture.ts';

/** Writing text to the clipboard after a click; what it copies never passes through main. */
const GRANTED = 'clipboard-sanitized-write';
/** Asked for before the handler of screen-capture.ts is, which asks the person. */
const SCREEN = 'display-capture';
/** Writing a file that a person has just named in the system’s own dialog: a page gets hold of one in no other way. */
const SAVING = 'fileSystem';

/**
 * Nothing is allowed by silence: every permission, device, capture, download and network request of a page is refused, except its own
 * files, copying text, saving what it has made itself, and one picture of the screen once the person has said yes.
 */
export function hardenSession(session: Session, page: PageSource): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) => {
    const own = details.isMainFrame && originOf(details.requestingUrl) === page.origin;
    decide(own && (permission === GRANTED || permission === SCREEN || (permission === SAVING && isWriting(details))));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) => {
    if (originOf(requestingOrigin) !== page.origin) return false;
    // Electron does not say of a check of this kind which frame asks; subframes are refused by the page’s policy.
    if (permission === SAVING) return isWriting(details);
    return permission === GRANTED && details.isMainFrame;
  });
  session.setDevicePermissionHandler(() => false);
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  allowScreenForQr(session, page);
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${page.origin}/`)) event.preventDefault();
  });
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url, page) }));
}

function isWriting(details: object): boolean {
  return (
    'fileAccessType' in details &&
    details.fileAccessType === 'writable' &&
    'isDirectory' in details &&
    !details.isDirectory
  );
}

function mayLoad(url: string, page: PageSource): boolean {
  if (originOf(url) === page.origin || url.startsWith('data:')) return true;
  if (!page.development) return false;
  // Hot reloading talks to the development server over a WebSocket of the same host; the debugger is Chromium's own page.
  return url.startsWith('devtools://') || originOf(url) === page.origin.replace(/^http/, 'ws');
}
