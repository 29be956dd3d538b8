import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

export interface WebAsset {
  file: string;
  type: string;
  /** Its name carries a hash of its content, so a browser may keep it. */
  immutable: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
};

/**
 * Every file of the built page by its URL path, read from disk once at start: a request can name nothing else, whatever dots or escapes it
 * has in its path. Null when the page has not been built.
 */
export function listWebAssets(folder: string): ReadonlyMap<string, WebAsset> | null {
  const assets = new Map<string, WebAsset>();
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      assets.set(path, { file, type, immutable: path.startsWith('/assets/') });
    }
  } catch {
    return null;
  }
  const index = assets.get('/index.html');
  if (index === undefined) return null;
  assets.set('/', index);
  return assets;
}

export function readWebAsset(asset: WebAsset): Buffer {
  return readFileSync(asset.file);
}
