import { KeyholdError } from '../../contract/errors.ts';
import { KEY_PAIRS } from './algorithms/key-pairs.ts';
import { oneOf } from './input.ts';
import { invalidCiphertext } from './kms-input.ts';
import type { AsymEncryptionAlgorithm } from './protocol.ts';
import type { TokenState } from './state.ts';
import { keyPairFor, type UsableKeyPair, unable } from './use-key-pair.ts';

const ALGORITHMS: readonly AsymEncryptionAlgorithm[] = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'];

export function asymAlgorithmOf(value: unknown, name: string): AsymEncryptionAlgorithm {
  return oneOf(value, name, ALGORITHMS);
}

/** Usage encrypt. `InvalidInput` for a plaintext that is too long. */
export function encryptAsym(
  state: TokenState,
  key: unknown,
  algorithm: AsymEncryptionAlgorithm,
  plaintext: Uint8Array,
): Uint8Array {
  const usable = keyPairFor(state, key, 'encrypt');
  requireDoes(usable, algorithm);
  const { pair, spec } = usable;
  if (pair.encrypt === undefined || pair.longestPlaintext === undefined) throw unable(spec, 'encrypt');
  const longest = pair.longestPlaintext(algorithm);
  if (plaintext.length > longest) {
    throw new KeyholdError('InvalidInput', `A key of spec ${spec} encrypts up to ${longest} bytes with ${algorithm}.`);
  }
  return pair.encrypt(algorithm, plaintext, state.ports.random);
}

/** Usage decrypt. `InvalidCiphertext` for what does not decrypt; the plaintext is the caller's to wipe. */
export function decryptAsym(
  state: TokenState,
  key: unknown,
  algorithm: AsymEncryptionAlgorithm,
  ciphertext: Uint8Array,
): Uint8Array {
  const usable = keyPairFor(state, key, 'decrypt');
  requireDoes(usable, algorithm);
  const { pair, spec } = usable;
  if (pair.decrypt === undefined) throw unable(spec, 'decrypt');
  const plaintext = pair.decrypt(algorithm, ciphertext);
  if (plaintext === null) throw invalidCiphertext();
  return plaintext;
}

function requireDoes({ spec }: UsableKeyPair, algorithm: AsymEncryptionAlgorithm): void {
  if (KEY_PAIRS[spec].encryption?.includes(algorithm) === true) return;
  throw new KeyholdError('HsmRefused', `A key of spec ${spec} does not do ${algorithm}.`);
}
