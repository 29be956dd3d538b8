import type { Session } from 'electron';
import { originOf, type PageSource } from './origin.ts';

/** Writing text to the clipboard after a click is all a page may ask for; what it copies never passes through main. */
const GRANTED = 'clipboard-sanitized-write';

/**
 * Nothing is allowed by silence: every permission, device, capture, download and network request of a page is refused, except its own
 * files and copying text.
 */
export function hardenSession(session: Session, page: PageSource): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) => {
    decide(permission === GRANTED && details.isMainFrame && originOf(details.requestingUrl) === page.origin);
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) => {
    return permission === GRANTED && details.isMainFrame && originOf(requestingOrigin) === page.origin;
  });
  session.setDevicePermissionHandler(() => false);
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url, page) }));
}

function mayLoad(url: string, page: PageSource): boolean {
  if (originOf(url) === page.origin || url.startsWith('data:')) return true;
  if (!page.development) return false;
  // Hot reloading talks to the development server over a WebSocket of the same host; the debugger is Chromium's own page.
  return url.startsWith('devtools://') || originOf(url) === page.origin.replace(/^http/, 'ws');
}
