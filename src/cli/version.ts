import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version in Keyhold's own package.json, from the sources as well as from the bundle. */
export const VERSION = readVersion();

function readVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = versionIn(join(folder, 'package.json'));
    if (found !== null) return found;
    if (folder === dirname(folder)) return 'unknown';
  }
}

function versionIn(path: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  if (!('name' in parsed) || parsed.name !== 'keyhold' || !('version' in parsed)) return null;
  return typeof parsed.version === 'string' ? parsed.version : null;
}
