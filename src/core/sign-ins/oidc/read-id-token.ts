import { z } from 'zod';
import { KeyholdError } from '../../../contract/errors.ts';
import { MOST_TOKEN_CHARACTERS } from '../../../contract/web-identity.ts';

const Claims = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.union([z.string(), z.array(z.string())]),
  azp: z.string().optional(),
  exp: z.number(),
  nonce: z.string().optional(),
  email: z.string().optional(),
  preferred_username: z.string().optional(),
});

export interface IdToken {
  subject: string;
  who: string;
  /** ms since epoch */
  expiresAt: number;
}

/**
 * Checks an id token that the token endpoint gave (OpenID Connect Core 1.0, section 3.1.3.7): issuer, audience, end, and the nonce where one was sent. Its signature is not: it came
 * from the provider itself over TLS (ibid., 6), and AWS verifies it with the provider's keys. Throws `ServiceRefused`.
 */
export function readIdToken(
  token: Uint8Array,
  expected: { issuer: string; clientId: string; nonce?: string | undefined; subject?: string | undefined },
  now: number,
): IdToken {
  if (token.length > MOST_TOKEN_CHARACTERS) throw refused('is longer than AWS takes');
  const claims = claimsOf(token);
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
  if (claims.iss !== expected.issuer) throw refused('is of another issuer');
  if (!audiences.includes(expected.clientId)) throw refused('is meant for another client');
  if (audiences.length > 1 && claims.azp !== expected.clientId) throw refused('was made for another client');
  if (expected.nonce !== undefined && claims.nonce !== expected.nonce) throw refused('answers another sign-in');
  if (expected.subject !== undefined && claims.sub !== expected.subject) throw refused('is of another person');
  const expiresAt = claims.exp * 1000;
  if (!(expiresAt > now)) throw refused('has ended already, by this computer’s clock');
  const who = claims.email ?? claims.preferred_username ?? claims.sub;
  return { subject: claims.sub, who: who.slice(0, 256), expiresAt };
}

function claimsOf(token: Uint8Array): z.output<typeof Claims> {
  const text = Buffer.from(token.buffer, token.byteOffset, token.byteLength);
  const [first, last] = [text.indexOf('.'), text.lastIndexOf('.')];
  if (first === -1 || first === last) throw refused('is no JSON Web Token');
  const payload = Buffer.from(text.toString('latin1', first + 1, last), 'base64url');
  try {
    const parsed = Claims.safeParse(JSON.parse(payload.toString('utf8')));
    if (parsed.success) return parsed.data;
  } catch {
    // Said below, without what it holds.
  } finally {
    payload.fill(0);
  }
  throw refused('is no JSON Web Token with the claims of OpenID Connect');
}

function refused(why: string): KeyholdError {
  return new KeyholdError(
    'ServiceRefused',
    `The id token that the provider gave ${why}. Check the sign-in’s issuer and client id, and sign in again.`,
    { name: 'invalid_id_token' },
  );
}
