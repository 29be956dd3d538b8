import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Puts `keyhold` beside the other programs in node_modules/.bin, so that `npx keyhold` finds it at once. With a `bin` entry in package.json, npx
 * would instead install this folder into its own cache first: slow, in need of the registry, and broken for good when that fails once.
 */

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'node_modules', '.bin');
mkdirSync(folder, { recursive: true });
if (process.platform === 'win32') {
  writeFileSync(join(folder, 'keyhold.cmd'), '@"%~dp0\\node" "%~dp0\\..\\..\\bin\\keyhold.js" %*\r\n');
} else {
  const link = join(folder, 'keyhold');
  rmSync(link, { force: true });
  symlinkSync('../../bin/keyhold.js', link);
}
