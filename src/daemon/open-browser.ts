import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const FOREGROUND_MS = 3000;

/**
 * Opens a local page in the system's browser; false when there is none to open it with. A file and not an address, because arguments are no place
 * for a one-time link (`link-files.ts`). True says that a browser was started, not that it may read the file: one in a sandbox of its own may not.
 */
export function openInBrowser(file: string, platform: NodeJS.Platform = process.platform): Promise<boolean> {
  const [command, ...args] = commandFor(platform);
  return new Promise((resolve) => {
    const child = spawn(command, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
    // Until this is settled it must hold the process: `keyhold open` has nothing else to wait for.
    const settle = (opened: boolean): void => {
      clearTimeout(timer);
      child.unref();
      resolve(opened);
    };
    // A browser that stays in the foreground has been opened.
    const timer = setTimeout(() => settle(true), FOREGROUND_MS);
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
  });
}

/** What a person reads beside an opened browser, or instead of one. */
export function linkNotice(url: string, opened: boolean): string {
  const lead = opened ? 'If no page appears in your browser, open' : 'No browser could be opened. Open';
  return `${lead} this link within five minutes; it works once:\n${url}\n`;
}

function commandFor(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  // Not `start`: cmd.exe would read the address as a command line.
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
