import { type Protocol, protocol } from 'electron';
import { type listWebAssets, readWebAsset } from '../daemon/web-assets.ts';
import { APP_ORIGIN, originOf, SCHEME } from './origin.ts';

type Assets = NonNullable<ReturnType<typeof listWebAssets>>;

/** The page gets its own files and nothing else: no inline script, no eval, no remote origin, no frames, no forms. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Call before the app is ready: makes `app://` a secure, standard scheme with origins of its own. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the built page at `app://keyhold/`. A request can name only what is in the list, whatever its path says. */
export function serveApp(target: Protocol, assets: Assets | null): void {
  target.handle(SCHEME, (request) => answer(request, assets));
}

function answer(request: Request, assets: Assets | null): Response {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET and HEAD.');
  if (originOf(request.url) !== APP_ORIGIN) return plain(404, 'No such host.');
  if (assets === null)
    return plain(503, 'The page has not been built. Run `npm run build` in Keyhold’s folder and start it again.');
  const asset = assets.get(new URL(request.url).pathname);
  if (asset === undefined) return plain(404, 'No such file.');
  const body = request.method === 'HEAD' ? null : new Uint8Array(readWebAsset(asset));
  return new Response(body, { status: 200, headers: { ...HEADERS, 'content-type': asset.type } });
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' } });
}
