import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { electronBinary, whyNoWindow } from './electron-binary.ts';
import { run } from './run.ts';

/** `npm start`: Electron where its binary is there or can be fetched, else the daemon with the UI in the system browser. */

const root = resolve(import.meta.dirname, '..');
const PROBE_TIMEOUT_MS = 5_000;
const FETCH_TIMEOUT_MS = 300_000;
/** An Electron that ends with an error this soon never showed a window. */
const EARLY_END_SECONDS = 5;

async function main(): Promise<number> {
  if (!existsSync(join(root, 'dist', 'main', 'cli.js'))) {
    const built = await run(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root });
    if (built.code !== 0) return built.code;
  }
  const against = whyNoWindow(process.env, process.platform, process.getuid?.());
  if (against !== null) return browser(against);
  const electron = electronBinary() ?? (await fetchElectron());
  if (electron === null) return browser('Electron’s binary is not here and cannot be fetched');
  const ended = await run(electron, [root, ...process.argv.slice(2)], { cwd: root, env: withoutDebugging() });
  if (ended.code === 0 || ended.seconds > EARLY_END_SECONDS) return ended.code;
  return browser(`Electron ended at once with status ${ended.code}`);
}

async function browser(reason: string): Promise<number> {
  console.error(`Keyhold opens in your browser: ${reason}. Ctrl+C stops it.`);
  const ended = await run(
    process.execPath,
    [join(root, 'bin', 'keyhold.js'), 'serve', '--open', ...process.argv.slice(2)],
    { cwd: root },
  );
  // Stopping with Ctrl+C is how this is meant to end.
  return ended.code === 130 ? 0 : ended.code;
}

/** Lets Electron's own installer fetch the binary (once), where its download host answers at all. */
async function fetchElectron(): Promise<string | null> {
  if (process.env['ELECTRON_SKIP_BINARY_DOWNLOAD'] !== undefined || !(await downloadHostAnswers())) return null;
  console.error('Fetching Electron (about 110 MB, only once)…');
  try {
    await run(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], {
      cwd: root,
      timeout: FETCH_TIMEOUT_MS,
      stdio: ['ignore', 'ignore', 'ignore'],
    });
  } catch (error) {
    console.error(`Electron’s installer cannot be started: ${error instanceof Error ? error.message : String(error)}`);
  }
  return electronBinary();
}

async function downloadHostAnswers(): Promise<boolean> {
  const mirror = process.env['ELECTRON_MIRROR'] ?? process.env['npm_config_electron_mirror'];
  try {
    await fetch(mirror ?? 'https://github.com/electron/electron/releases', {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    return true;
  } catch {
    return false;
  }
}

/** A debugger or a plain-Node Electron would undo the hardening; neither is wanted by whoever runs `npm start`. */
function withoutDebugging(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of ['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS', 'ELECTRON_ENABLE_LOGGING']) delete env[name];
  return env;
}

process.exitCode = await main();
