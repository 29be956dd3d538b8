import { nativeImage, Tray } from 'electron';
import { dueWords, type MenuActions, trayMenu } from './menu.ts';
import { type DueCount, NOTHING_DUE } from './watch-due.ts';

/** Held here because a tray icon that is garbage-collected disappears. */
let tray: Tray | undefined;

/** The icon through which a closed window comes back. Without its image file there is none, and the app still runs. */
export function createTray(icon: string, actions: MenuActions): void {
  const image = nativeImage.createFromPath(icon);
  if (image.isEmpty()) return;
  tray = new Tray(image);
  showDue(actions, NOTHING_DUE);
  tray.on('click', actions.show);
}

/** What there is to do, in the menu and in what the icon says. */
export function showDue(actions: MenuActions, count: DueCount): void {
  tray?.setToolTip(['Keyhold', ...dueWords(count)].join('\n'));
  tray?.setContextMenu(trayMenu(actions, count));
}
