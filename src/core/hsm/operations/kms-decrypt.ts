import { decryptSymmetric } from '../algorithms/symmetric.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import { aadOf, backingKeyOf, invalidCiphertext, LONGEST_CIPHERTEXT } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

export function kmsDecrypt(state: TokenState, input: unknown): HsmOutput<'kmsDecrypt'> {
  const fields = fieldsOf(input, 'input', ['key', 'aad', 'ciphertext']);
  const aad = aadOf(fields['aad']);
  const ciphertext = bytesOf(fields['ciphertext'], 'ciphertext', 1, LONGEST_CIPHERTEXT);
  const plaintext = decryptSymmetric(backingKeyOf(state, fields['key'], 'decrypt'), aad, ciphertext);
  if (plaintext === null) throw invalidCiphertext();
  return { plaintext };
}
