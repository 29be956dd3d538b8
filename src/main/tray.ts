import { nativeImage, Tray } from 'electron';
import { type MenuActions, trayMenu } from './menu.ts';

/** Held here because a tray icon that is garbage-collected disappears. */
let tray: Tray | undefined;

/** The icon through which a closed window comes back. Without its image file there is none, and the app still runs. */
export function createTray(icon: string, actions: MenuActions): void {
  const image = nativeImage.createFromPath(icon);
  if (image.isEmpty()) return;
  tray = new Tray(image);
  tray.setToolTip('Keyhold');
  tray.setContextMenu(trayMenu(actions));
  tray.on('click', actions.show);
}
