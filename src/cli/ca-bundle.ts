import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The path of a CA bundle: the contract hands it over as PEM (then it is written into the home folder) or as a path. */
export function caBundlePath(home: string, caBundle: string | undefined): string | undefined {
  if (caBundle === undefined || !caBundle.includes('-----BEGIN')) return caBundle;
  const path = join(home, 'ca.pem');
  if (sameContent(path, caBundle)) return path;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, caBundle, { mode: 0o644 });
  renameSync(temporary, path);
  return path;
}

function sameContent(path: string, content: string): boolean {
  try {
    return readFileSync(path, 'utf8') === content;
  } catch {
    return false;
  }
}
