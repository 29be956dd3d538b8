import { join } from 'node:path';
import { app } from 'electron';
import { resolveHome } from '../daemon/home.ts';
import { startDaemon } from '../daemon/serve.ts';
import { listWebAssets } from '../daemon/web-assets.ts';
import { utilityHsm } from './hsm-utility.ts';
import { runShell } from './lifecycle.ts';
import { takeOver } from './take-over.ts';
import { utilityToken } from './token-utility.ts';

// Everything the daemon writes is for its owner alone.
process.umask(0o077);

const home = resolveHome();
const dist = join(import.meta.dirname, '..');

runShell({
  startDaemon: () =>
    startDaemon({
      home,
      shell: 'electron',
      web: false,
      spawnHsm: utilityHsm(join(import.meta.dirname, 'hsm-process.js')),
      spawnToken: utilityToken(join(import.meta.dirname, 'token-process.js')),
      onStopRequest: () => app.quit(),
    }),
  takeOver: () => takeOver(home),
  userData: join(home, 'electron'),
  preload: join(dist, 'preload', 'index.cjs'),
  trayIcon: join(dist, '..', 'resources', 'tray.png'),
  assets: listWebAssets(join(dist, 'renderer')),
  developmentServer: process.env['ELECTRON_RENDERER_URL'],
  report: (error) => console.error('keyhold:', error),
});
