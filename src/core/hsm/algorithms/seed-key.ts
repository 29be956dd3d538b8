import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { makePkcs8, makeSeedKey, readPkcs8, readSeedKey } from './key-encoding.ts';

/** PKCS#8 with the seed form of the private key (RFC 9881, RFC 9935); the caller's to wipe. */
export function seedToPkcs8(identifier: Uint8Array, seed: Uint8Array): Uint8Array {
  const inner = makeSeedKey(seed);
  try {
    return makePkcs8(identifier, inner);
  } finally {
    wipe(inner);
  }
}

/**
 * The seed, the caller's to wipe. Null for another algorithm, for a key without its seed (the seed cannot be computed back), and when
 * the expanded key beside the seed is not the one that follows from it.
 */
export function seedFromPkcs8(
  identifier: Uint8Array,
  pkcs8: Uint8Array,
  seedBytes: number,
  expand: (seed: Uint8Array) => { secretKey: Uint8Array },
): Uint8Array | null {
  const inner = readPkcs8(pkcs8, identifier);
  const key = inner === null ? null : readSeedKey(inner);
  if (key?.seed.length !== seedBytes) return null;
  const seed = new Uint8Array(key.seed);
  if (key.expanded === null) return seed;
  const { secretKey } = expand(seed);
  const sound = equal(key.expanded, secretKey);
  wipe(secretKey);
  if (sound) return seed;
  wipe(seed);
  return null;
}
