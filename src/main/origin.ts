/** The page's scheme: instead of `file://`, which would let a page read other files. */
export const SCHEME = 'app';
const HOST = 'keyhold';
/** The only origin whose messages main answers. */
export const APP_ORIGIN = `${SCHEME}://${HOST}`;

/** Where the window's page comes from: the built files, or the development server that `npm run dev` names. */
export interface PageSource {
  /** Origin of the page, e.g. `app://keyhold`. */
  origin: string;
  /** What the window loads. */
  url: string;
  development: boolean;
}

/** A development server counts only in an unpackaged app and only on this machine. Throws on any other address. */
export function pageSource(developmentServer: string | undefined, packaged: boolean): PageSource {
  if (developmentServer === undefined || developmentServer === '' || packaged) {
    return { origin: APP_ORIGIN, url: `${APP_ORIGIN}/`, development: false };
  }
  const url = new URL(developmentServer);
  const loopback = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]';
  if (url.protocol !== 'http:' || !loopback) throw new Error('The development server must be http:// on this machine.');
  return { origin: url.origin, url: url.href, development: true };
}

/** The origin of a URL; custom schemes have the opaque origin `null` in WHATWG URL, so theirs is spelled out. */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  return parsed.protocol === `${SCHEME}:` ? `${SCHEME}://${parsed.host}` : parsed.origin;
}
