import { join } from 'node:path';
import { openLinkFiles } from '../../daemon/link-files.ts';
import { openInBrowser } from '../../daemon/open-browser.ts';
import { systemRandom } from '../../daemon/system-ports.ts';

export interface OpenedPage {
  opened: boolean;
  /** Takes away what led the browser there. */
  remove(): void;
}

/**
 * Opens the page of an attempt to sign in, by a file that leads there: whoever else read the address in the browser's arguments could sign in there in the person's place. Only http and
 * https are opened, whatever the daemon says.
 */
export async function openPage(home: string, address: string): Promise<OpenedPage> {
  const nothing: OpenedPage = { opened: false, remove: () => undefined };
  if (!['https:', 'http:'].includes(URL.parse(address)?.protocol ?? '')) return nothing;
  const links = openLinkFiles(join(home, 'sign-in'), systemRandom, 'Signing in');
  let file: string;
  try {
    file = links.write(address);
  } catch {
    // The address is printed in any case.
    return nothing;
  }
  return { opened: await openInBrowser(file), remove: () => links.clear() };
}
