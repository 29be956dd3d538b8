import { Menu, type MenuItemConstructorOptions } from 'electron';

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

/** Menu of the tray icon. */
export function trayMenu(actions: MenuActions): Menu {
  return Menu.buildFromTemplate([
    { label: 'Open Keyhold', click: actions.show },
    { label: 'Lock now', click: actions.lock },
    { type: 'separator' },
    { label: 'Quit Keyhold', click: actions.quit },
  ]);
}
