import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The `openssl` program as somebody else's eyes on what we make. */

export const opensslVersion: string | null = (() => {
  const { status, stdout } = spawnSync('openssl', ['version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
})();

/** Runs openssl on files with these contents; `{name}` in an argument is the path of that file. Null when it exits with a failure. */
export function openssl(args: readonly string[], files: Readonly<Record<string, Uint8Array>>): Buffer | null {
  const folder = mkdtempSync(join(tmpdir(), 'keyhold-openssl-'));
  try {
    const paths = Object.entries(files).map(([name, bytes]): [string, string] => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return [`{${name}}`, path];
    });
    const filled = args.map((arg) => paths.reduce((text, [name, path]) => text.replace(name, path), arg));
    return execFileSync('openssl', filled, { stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
