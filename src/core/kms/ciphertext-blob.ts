import { concat, fromHex, toHex } from '../crypto/bytes.ts';
import { MATERIAL_PREFIX_DIGITS } from './kms-index.ts';

/** First byte of every symmetric ciphertext blob. */
const FORMAT = 1;
const PREFIX_BYTES = MATERIAL_PREFIX_DIGITS / 2;
/** What the HSM's `kmsEncrypt` makes is at least this long: two nonces, one byte, a tag. */
const LEAST_BYTES = 16 + 12 + 1 + 16;

/**
 * A symmetric ciphertext blob (docs/format.md, "KMS ciphertexts"): format (1) || first 16 bytes of the material's id || what the HSM
 * made. So it names its backing key, and by that its key.
 */
export function encodeCiphertextBlob(materialId: string, ciphertext: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(FORMAT), fromHex(materialId.slice(0, MATERIAL_PREFIX_DIGITS)), ciphertext);
}

/** `material` are the first 32 hex digits of the material's id. Null for what is no such blob. */
export function decodeCiphertextBlob(blob: Uint8Array): { material: string; ciphertext: Uint8Array } | null {
  if (blob[0] !== FORMAT || blob.length < 1 + PREFIX_BYTES + LEAST_BYTES) return null;
  return { material: toHex(blob.subarray(1, 1 + PREFIX_BYTES)), ciphertext: blob.subarray(1 + PREFIX_BYTES) };
}
