import { wipe } from '../../crypto/wipe.ts';
import { decryptSymmetric, encryptSymmetric } from '../algorithms/symmetric.ts';
import { asymAlgorithmOf, decryptAsym, encryptAsym } from '../asym-encryption.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import { aadOf, backingKeyOf, invalidCiphertext, LONGEST_CIPHERTEXT } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

const SYMMETRIC = 'SYMMETRIC_DEFAULT';

export function kmsReEncrypt(state: TokenState, input: unknown): HsmOutput<'kmsReEncrypt'> {
  const fields = fieldsOf(input, 'input', ['source', 'destination']);
  // The destination first: a key that may not encrypt must not make the other one decrypt.
  const encrypt = destinationOf(state, fields['destination']);
  const plaintext = decrypted(state, fields['source']);
  try {
    return { ciphertext: encrypt(plaintext) };
  } finally {
    wipe(plaintext);
  }
}

function decrypted(state: TokenState, value: unknown): Uint8Array {
  const fields = fieldsOf(value, 'source', ['key', 'algorithm', 'aad', 'ciphertext']);
  const ciphertext = bytesOf(fields['ciphertext'], 'source.ciphertext', 1, LONGEST_CIPHERTEXT);
  if (fields['algorithm'] !== SYMMETRIC) {
    fieldsOf(value, 'source', ['key', 'algorithm', 'ciphertext']);
    return decryptAsym(state, fields['key'], asymAlgorithmOf(fields['algorithm'], 'source.algorithm'), ciphertext);
  }
  const aad = aadOf(fields['aad'], 'source.aad');
  const plaintext = decryptSymmetric(backingKeyOf(state, fields['key'], 'decrypt'), aad, ciphertext);
  if (plaintext === null) throw invalidCiphertext();
  return plaintext;
}

function destinationOf(state: TokenState, value: unknown): (plaintext: Uint8Array) => Uint8Array {
  const fields = fieldsOf(value, 'destination', ['key', 'algorithm', 'aad']);
  if (fields['algorithm'] !== SYMMETRIC) {
    fieldsOf(value, 'destination', ['key', 'algorithm']);
    const algorithm = asymAlgorithmOf(fields['algorithm'], 'destination.algorithm');
    return (plaintext) => encryptAsym(state, fields['key'], algorithm, plaintext);
  }
  const aad = aadOf(fields['aad'], 'destination.aad');
  const key = backingKeyOf(state, fields['key'], 'encrypt');
  return (plaintext) => encryptSymmetric(key, state.nonces, aad, plaintext);
}
