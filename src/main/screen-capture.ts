import { type DisplayMediaRequestHandlerHandlerRequest, desktopCapturer, dialog, type Session } from 'electron';
import { originOf, type PageSource } from './origin.ts';

/**
 * Lets the page see the screen for a QR code, each time only after the person has said so in a dialog of this process, which the page can neither draw nor answer. Where
 * the system has a picker of its own (macOS 15, Wayland's portal), that asks for the window too.
 */
export function allowScreenForQr(session: Session, page: PageSource): void {
  session.setDisplayMediaRequestHandler(
    (request, answer) => {
      mayCapture(request, page).then(
        (source) => answer(source === null ? {} : { video: source }),
        () => answer({}),
      );
    },
    { useSystemPicker: true },
  );
}

async function mayCapture(request: DisplayMediaRequestHandlerHandlerRequest, page: PageSource) {
  const { frame, userGesture, videoRequested, audioRequested, securityOrigin } = request;
  const own = frame !== null && frame.parent === null && originOf(securityOrigin) === page.origin;
  if (!own || !userGesture || !videoRequested || audioRequested) return null;
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'Let Keyhold look at the screen once?',
    detail: 'It looks for a QR code in one picture of the screen, and keeps nothing of it.',
    buttons: ['Look at the screen', 'Cancel'],
    defaultId: 0,
    cancelId: 1,
  });
  if (response !== 0) return null;
  const [screen] = await desktopCapturer.getSources({ types: ['screen'], thumbnailSize: { width: 0, height: 0 } });
  return screen ?? null;
}
