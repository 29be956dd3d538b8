import { KeyholdError } from '../../contract/errors.ts';
import { oneOf } from './input.ts';
import { invalidCiphertext } from './kms-input.ts';
import type { RsaEncryptionAlgorithm } from './protocol.ts';
import type { TokenState } from './state.ts';
import { keyPairFor, unable } from './use-key-pair.ts';

const ALGORITHMS: readonly RsaEncryptionAlgorithm[] = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];

export function rsaAlgorithmOf(value: unknown, name: string): RsaEncryptionAlgorithm {
  return oneOf(value, name, ALGORITHMS);
}

/** Usage encrypt. `InvalidInput` for a plaintext that is too long. */
export function rsaEncrypt(
  state: TokenState,
  key: unknown,
  algorithm: RsaEncryptionAlgorithm,
  plaintext: Uint8Array,
): Uint8Array {
  const { pair, spec } = keyPairFor(state, key, 'encrypt');
  if (pair.encrypt === undefined || pair.longestPlaintext === undefined) throw unable(spec, 'encrypt');
  const longest = pair.longestPlaintext(algorithm);
  if (plaintext.length > longest) {
    throw new KeyholdError('InvalidInput', `A key of spec ${spec} encrypts up to ${longest} bytes with ${algorithm}.`);
  }
  return pair.encrypt(algorithm, plaintext);
}

/** Usage decrypt. `InvalidCiphertext` for what does not decrypt; the plaintext is the caller's to wipe. */
export function rsaDecrypt(
  state: TokenState,
  key: unknown,
  algorithm: RsaEncryptionAlgorithm,
  ciphertext: Uint8Array,
): Uint8Array {
  const { pair, spec } = keyPairFor(state, key, 'decrypt');
  if (pair.decrypt === undefined) throw unable(spec, 'decrypt');
  const plaintext = pair.decrypt(algorithm, ciphertext);
  if (plaintext === null) throw invalidCiphertext();
  return plaintext;
}
