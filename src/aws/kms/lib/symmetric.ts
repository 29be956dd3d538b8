import { blobFormatOf, encodeCiphertextBlob } from '../../../core/kms/ciphertext-blob.ts';
import { ciphertextAad, type EncryptionContext } from '../../../core/kms/encryption-context.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { EncryptionAlgorithm } from '../../../core/kms/specs.ts';
import { requireCurrent } from './use-key.ts';

/** The AAD of a ciphertext of this key. */
export function aadOf({ key, accountId }: ResolvedKey, context: EncryptionContext | undefined): Uint8Array {
  return ciphertextAad(context, accountId, key.value.keyId);
}

/** The blob of what the key's current material has just encrypted. */
export function blobOf({ key: { value }, arn }: ResolvedKey, ciphertext: Uint8Array): Uint8Array {
  return encodeCiphertextBlob(blobFormatOf(value), requireCurrent(value, arn).id, ciphertext);
}

/** Only symmetric encryption binds an encryption context. Throws ValidationException for one that would be lost. */
export function refuseContext(algorithm: EncryptionAlgorithm, context: EncryptionContext | undefined): void {
  if (algorithm === 'SYMMETRIC_DEFAULT' || context === undefined || Object.keys(context).length === 0) return;
  throw new KmsError('ValidationException', `An encryption context cannot be used with ${algorithm}.`);
}
