import { fromHex, toHex } from '../crypto/bytes.ts';
import { readBefore } from '../read-before.ts';
import { MATERIAL_PREFIX_DIGITS } from './kms-index.ts';
import type { KmsKey } from './records.ts';

export type BlobFormat = 1 | 2 | 3;

const PREFIX_BYTES = MATERIAL_PREFIX_DIGITS / 2;
/** What each format holds at least: the HSM's two nonces, one byte and a tag; a token's nonce, one byte and a tag; a proxy's of what the HSM made. */
const LEAST_BYTES: Readonly<Record<BlobFormat, number>> = {
  1: 16 + 12 + 1 + 16,
  2: 12 + 1 + 16,
  3: 1 + 1 + 12 + 16 + (16 + 12 + 1 + 16),
};

/** The format of the ciphertexts of a key. */
export function blobFormatOf({ origin }: Pick<KmsKey, 'origin'>): BlobFormat {
  if (origin === 'AWS_CLOUDHSM') return 2;
  return origin === 'EXTERNAL_KEY_STORE' ? 3 : 1;
}

/**
 * A symmetric ciphertext blob (docs/format.md, "KMS ciphertexts"): format (1) || first 16 bytes of the material's id || what the HSM, the token
 * or the external key store's proxy made. So it names its backing key, and by that its key.
 */
export function encodeCiphertextBlob(format: BlobFormat, materialId: string, ciphertext: Uint8Array): Uint8Array {
  const blob = new Uint8Array(1 + PREFIX_BYTES + ciphertext.length);
  blob[0] = format;
  blob.set(prefixOf(materialId), 1);
  blob.set(ciphertext, 1 + PREFIX_BYTES);
  return blob;
}

const prefixOf = readBefore((materialId) => fromHex(materialId.slice(0, MATERIAL_PREFIX_DIGITS)));

/** A ciphertext blob taken apart; `material` are the first 32 hex digits of the material's id. */
export interface CiphertextBlob {
  format: BlobFormat;
  material: string;
  ciphertext: Uint8Array;
}

/** Null for what is no such blob. */
export function decodeCiphertextBlob(blob: Uint8Array): CiphertextBlob | null {
  const [format] = blob;
  if (format !== 1 && format !== 2 && format !== 3) return null;
  if (blob.length < 1 + PREFIX_BYTES + LEAST_BYTES[format]) return null;
  return { format, material: toHex(blob.subarray(1, 1 + PREFIX_BYTES)), ciphertext: blob.subarray(1 + PREFIX_BYTES) };
}
