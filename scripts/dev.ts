import { join, resolve } from 'node:path';
import { build } from 'vite';
import { electronBinary, whyNoWindow } from './electron-binary.ts';
import { run } from './run.ts';

/**
 * `npm run dev`: with Electron, its window with hot reloading (the HSM process and the CLI are built first). Without, the page is
 * rebuilt on every change and the daemon runs from its sources, restarted on every change.
 */

const root = resolve(import.meta.dirname, '..');
const node = process.execPath;

if (electronBinary() !== null && whyNoWindow(process.env, process.platform, process.getuid?.()) === null) {
  const built = await run(node, [join(root, 'scripts', 'build.ts'), 'hsm-process', 'daemon', 'cli'], { cwd: root });
  const electronVite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  process.exitCode = built.code === 0 ? (await run(node, [electronVite, 'dev', '--watch'], { cwd: root })).code : 1;
} else {
  const watcher = await build({ configFile: join(root, 'vite.renderer.config.ts'), build: { watch: {} } });
  const served = await run(
    node,
    [
      '--watch',
      '--watch-preserve-output',
      join(root, 'src', 'cli', 'main.ts'),
      'serve',
      '--open',
      ...process.argv.slice(2),
    ],
    { cwd: root },
  );
  if ('close' in watcher) await watcher.close();
  process.exitCode = served.code;
}
