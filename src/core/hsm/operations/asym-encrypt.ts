import { bytesOf, fieldsOf } from '../input.ts';
import { LONGEST_CIPHERTEXT, LONGEST_MESSAGE } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import { rsaAlgorithmOf, rsaDecrypt, rsaEncrypt } from '../rsa-encryption.ts';
import type { TokenState } from '../state.ts';

export function asymEncrypt(state: TokenState, input: unknown): HsmOutput<'asymEncrypt'> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'plaintext']);
  const algorithm = rsaAlgorithmOf(fields['algorithm'], 'algorithm');
  const plaintext = bytesOf(fields['plaintext'], 'plaintext', 1, LONGEST_MESSAGE);
  return { ciphertext: rsaEncrypt(state, fields['key'], algorithm, plaintext) };
}

export function asymDecrypt(state: TokenState, input: unknown): HsmOutput<'asymDecrypt'> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'ciphertext']);
  const algorithm = rsaAlgorithmOf(fields['algorithm'], 'algorithm');
  const ciphertext = bytesOf(fields['ciphertext'], 'ciphertext', 1, LONGEST_CIPHERTEXT);
  return { plaintext: rsaDecrypt(state, fields['key'], algorithm, ciphertext) };
}
