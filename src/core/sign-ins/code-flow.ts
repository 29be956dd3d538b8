import { KeyholdError } from '../../contract/errors.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { SignInParts } from './driver.ts';

/** Where a browser of this computer comes back to. */
export const REDIRECT_PATH = '/oauth/callback';
/** How long a person may take in it. */
export const BROWSER_PATIENCE_MS = 10 * 60_000;

/** 256 random bits as base64url: a code verifier (RFC 7636 section 4.1), a state or a nonce. */
export function secretText({ ports }: SignInParts): string {
  return Buffer.from(ports.random.bytes(32)).toString('base64url');
}

/** S256 (RFC 7636 section 4.2). */
export function codeChallenge(verifier: Uint8Array): string {
  return Buffer.from(sha256(verifier)).toString('base64url');
}

/** The code that the browser came back with. Throws `ServiceRefused` with what the other side says instead. */
export function codeIn(query: URLSearchParams, name: string): string {
  const code = query.get('code');
  if (code !== null && code !== '') return code;
  const why = [query.get('error'), query.get('error_description')].filter((one) => one !== null).join(': ');
  throw new KeyholdError(
    'ServiceRefused',
    `Signing in to ${name} was refused in the browser${why === '' ? '' : ` (${why.slice(0, 300)})`}. Sign in again, and allow it.`,
    { name: query.get('error') ?? 'access_denied' },
  );
}
