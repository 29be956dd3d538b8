import { toHex, u32 } from '../crypto/bytes.ts';
import { hmacSha256 } from '../crypto/hmac.ts';
import type { VaultKeys } from './state.ts';

/** HMAC-SHA-256 over lp(context) || lp(material) under a key of the vault, as hex: names material without telling anything about it. */
export function materialIdOf(keys: VaultKeys, context: Uint8Array, material: Uint8Array): string {
  return toHex(hmacSha256(keys.materialId, u32(context.length), context, u32(material.length), material));
}
