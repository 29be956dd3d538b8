import type { WebContents } from 'electron';
import { originOf, type PageSource } from './origin.ts';

/** For every page that ever comes into being: it stays where it is, opens nothing and embeds nothing. */
export function hardenContents(contents: WebContents, page: PageSource, openLink: (url: string) => void): void {
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: 'deny' };
  });
  contents.on('will-frame-navigate', (event) => {
    // A reload of our own page by hot reloading is the one navigation there is.
    const reload = page.development && event.isMainFrame && originOf(event.url) === page.origin;
    if (!reload) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
