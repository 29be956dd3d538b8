import type { Random } from '../ports.ts';
import { openWithNonce, sealWithNonce } from './aead.ts';
import { concat, u64, utf8 } from './bytes.ts';
import { hmacSha256 } from './hmac.ts';
import { sealHpke } from './hpke.ts';
import { secretKey } from './secret-key.ts';
import { wipe } from './wipe.ts';

/**
 * How the events of the locked vault are sealed (docs/format.md, "Events of the locked vault"). Each has a key of its own, of which the next is made one way, so
 * that whoever gets at one key can neither open nor replace what was sealed before. The functions take a key and leave it to its owner.
 */

const LABEL = utf8('keyhold/v1/locked-log');
export const LOCKED_KEY_BYTES = 32;

/** What is bound to a row: this vault, this number. */
export function lockedContext(vaultId: Uint8Array, seq: number): Uint8Array {
  return concat(LABEL, vaultId, u64(seq));
}

/** The key of row `seq` + 1, from that of row `seq`. */
export function nextLockedKey(key: Uint8Array): Uint8Array {
  return hmacSha256(key, 'next');
}

/** nonce || AES-256-GCM of one event under its row's key. */
export function sealLocked(
  key: Uint8Array,
  random: Random,
  vaultId: Uint8Array,
  seq: number,
  event: Uint8Array,
): Uint8Array {
  const bytes = hmacSha256(key, 'seal');
  try {
    return sealWithNonce(secretKey(bytes), random, lockedContext(vaultId, seq), event);
  } finally {
    wipe(bytes);
  }
}

/** The event; null when it was not sealed under this row's key, for this vault and number. */
export function openLocked(key: Uint8Array, vaultId: Uint8Array, seq: number, sealed: Uint8Array): Uint8Array | null {
  const bytes = hmacSha256(key, 'seal');
  try {
    return openWithNonce(secretKey(bytes), lockedContext(vaultId, seq), sealed);
  } finally {
    wipe(bytes);
  }
}

/** The MAC of "row `seq`, with this SHA-256, is the last", under the key that row `seq` + 1 would have had. */
export function lockedEndMac(key: Uint8Array, vaultId: Uint8Array, seq: number, lastHash: Uint8Array): Uint8Array {
  const bytes = hmacSha256(key, 'end');
  try {
    return hmacSha256(bytes, lockedContext(vaultId, seq), lastHash);
  } finally {
    wipe(bytes);
  }
}

/** enc (32) || ciphertext: a daemon's own first key for the vault's public key; null when that is none. */
export async function sealLockedKey(
  publicKey: Uint8Array,
  vaultId: Uint8Array,
  seq: number,
  key: Uint8Array,
): Promise<Uint8Array | null> {
  const message = await sealHpke(publicKey, lockedContext(vaultId, seq), key);
  return message === null ? null : concat(message.enc, message.ciphertext);
}
