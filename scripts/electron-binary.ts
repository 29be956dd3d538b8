import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PACKAGE = resolve(import.meta.dirname, '..', 'node_modules', 'electron');

/** The Electron program of this checkout; null where its binary was never fetched. */
export function electronBinary(env: NodeJS.ProcessEnv = process.env, folder: string = PACKAGE): string | null {
  const pathFile = join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : '';
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override !== undefined && override !== '') {
    const chosen = join(override, name === '' ? 'electron' : name);
    return existsSync(chosen) ? chosen : null;
  }
  if (name === '') return null;
  const program = join(folder, 'dist', name);
  return existsSync(program) ? program : null;
}

/** Why Electron could not show a window here even with its binary; null when nothing is known against it. */
export function whyNoWindow(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, uid: number | undefined): string | null {
  if (platform !== 'linux') return null;
  const display = [env['WAYLAND_DISPLAY'], env['DISPLAY']].some((value) => value !== undefined && value !== '');
  if (!display) return 'there is no display';
  // Chromium refuses root with its sandbox on, and Keyhold never turns the sandbox off.
  if (uid === 0) return 'Electron’s sandbox does not run as root';
  return null;
}
