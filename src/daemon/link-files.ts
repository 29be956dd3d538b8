import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../core/ports.ts';
import { makePrivateFolder } from './home.ts';

/**
 * Pages on disk that lead a browser to a one-time link. A browser is told what to open in its arguments, which every user of the machine can read
 * (`/proc/PID/cmdline`): they get the path of such a page, whose content only its owner can.
 */
export interface LinkFiles {
  /** Writes a page (0600, in a folder of 0700) that goes to `url` at once. Answers its path; throws what the file system says. */
  write(url: string): string;
  remove(path: string): void;
  /** Removes all of them, also those of a daemon that was killed. */
  clear(): void;
}

export function openLinkFiles(folder: string, random: Random, title = 'Opening Keyhold'): LinkFiles {
  return {
    write(url) {
      makePrivateFolder(folder, 'The folder');
      // Never a name that was used before: a browser may still have the old page in its cache.
      const path = join(folder, `open-${Buffer.from(random.bytes(8)).toString('hex')}.html`);
      writeFileSync(path, pageTo(url, title), { mode: 0o600, flag: 'wx' });
      return path;
    },
    remove: (path) => rmSync(path, { force: true }),
    clear: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function pageTo(url: string, title: string): string {
  const target = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${target}">
<title>${title}</title>
</head>
<body><p><a href="${target}">${title}</a></p></body>
</html>
`;
}
