import { KeyholdError } from '../../contract/errors.ts';
import { type SecretKey, secretKey } from '../crypto/secret-key.ts';
import { bytesOf } from './input.ts';
import type { ObjectUsage } from './protocol.ts';
import type { TokenState } from './state.ts';
import { objectFor } from './use-object.ts';

/** Checks that the KMS operations share. */

/** AWS's own limits for plaintexts, messages and ciphertexts, in bytes. */
export const LONGEST_MESSAGE = 4096;
export const LONGEST_CIPHERTEXT = 6144;
const LONGEST_AAD = 65_536;

export function aadOf(value: unknown, name = 'aad'): Uint8Array {
  return bytesOf(value, name, 0, LONGEST_AAD);
}

/** The backing key of a symmetric KMS key. */
export function backingKeyOf(
  state: TokenState,
  key: unknown,
  usage: Extract<ObjectUsage, 'encrypt' | 'decrypt'>,
): SecretKey {
  const object = objectFor(state, key, { usage, specs: ['AES_256'] });
  object.prepared ??= secretKey(object.material);
  return object.prepared;
}

export function invalidCiphertext(): KeyholdError {
  return new KeyholdError(
    'InvalidCiphertext',
    'This was not encrypted with this key in this context, or it was changed.',
  );
}
