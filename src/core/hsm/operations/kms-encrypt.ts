import { encryptSymmetric } from '../algorithms/symmetric.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import { aadOf, backingKeyOf, LONGEST_MESSAGE } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

export function kmsEncrypt(state: TokenState, input: unknown): HsmOutput<'kmsEncrypt'> {
  const fields = fieldsOf(input, 'input', ['key', 'aad', 'plaintext']);
  const aad = aadOf(fields['aad']);
  const plaintext = bytesOf(fields['plaintext'], 'plaintext', 1, LONGEST_MESSAGE);
  const key = backingKeyOf(state, fields['key'], 'encrypt');
  return { ciphertext: encryptSymmetric(key, state.nonces, aad, plaintext) };
}
