import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { DueCount } from './watch-due.ts';

export interface MenuActions {
  show(): void;
  lock(): void;
  quit(): void;
}

/** Application menu: what the keyboard needs and nothing that inspects, reloads or zooms past the page's own controls. */
export function applicationMenu(actions: MenuActions, platform: NodeJS.Platform): Menu {
  const keyhold: MenuItemConstructorOptions = {
    label: 'Keyhold',
    submenu: [
      ...(platform === 'darwin' ? ([{ role: 'about' }, { type: 'separator' }] as const) : []),
      { label: 'Lock now', accelerator: 'CommandOrControl+L', click: actions.lock },
      { type: 'separator' },
      ...(platform === 'darwin' ? ([{ role: 'hide' }, { role: 'hideOthers' }, { type: 'separator' }] as const) : []),
      { label: 'Quit Keyhold', accelerator: 'CommandOrControl+Q', click: actions.quit },
    ],
  };
  return Menu.buildFromTemplate([keyhold, { role: 'editMenu' }, { role: 'windowMenu' }]);
}

/** Menu of the tray icon. What there is to do comes first, and leads to the window. */
export function trayMenu(actions: MenuActions, count: DueCount): Menu {
  const todo = dueWords(count).map((label) => ({ label, click: actions.show }));
  return Menu.buildFromTemplate([
    ...todo,
    ...(todo.length === 0 ? [] : ([{ type: 'separator' }] as const)),
    { label: 'Open Keyhold', click: actions.show },
    { label: 'Lock now', click: actions.lock },
    { type: 'separator' },
    { label: 'Quit Keyhold', click: actions.quit },
  ]);
}

/** `2 access keys are due for rotation`: a line for each thing that somebody has to see to. */
export function dueWords({ due, credentials, waiting }: DueCount): string[] {
  return [
    ...(due === 0 ? [] : [due === 1 ? 'An access key is due for rotation' : `${due} access keys are due for rotation`]),
    ...(credentials === 0
      ? []
      : [credentials === 1 ? 'A credential is due for rotation' : `${credentials} credentials are due for rotation`]),
    ...(waiting === 0 ? [] : [waiting === 1 ? 'A rotation waits for you' : `${waiting} rotations wait for you`]),
  ];
}
