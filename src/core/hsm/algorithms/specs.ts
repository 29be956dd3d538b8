import type { HmacSpec } from '../protocol.ts';

/** Key lengths in bytes. AWS makes an HMAC key as long as its hash's output. */
export const SYMMETRIC_KEY_BYTES: Record<'AES_256' | HmacSpec, number> = {
  AES_256: 32,
  HMAC_224: 28,
  HMAC_256: 32,
  HMAC_384: 48,
  HMAC_512: 64,
};

export type SymmetricSpec = keyof typeof SYMMETRIC_KEY_BYTES;

export function isSymmetricSpec(spec: unknown): spec is SymmetricSpec {
  return typeof spec === 'string' && Object.hasOwn(SYMMETRIC_KEY_BYTES, spec);
}
