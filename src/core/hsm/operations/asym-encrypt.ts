import { asymAlgorithmOf, decryptAsym, encryptAsym } from '../asym-encryption.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import { LONGEST_CIPHERTEXT, LONGEST_MESSAGE } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

export function asymEncrypt(state: TokenState, input: unknown): HsmOutput<'asymEncrypt'> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'plaintext']);
  const algorithm = asymAlgorithmOf(fields['algorithm'], 'algorithm');
  const plaintext = bytesOf(fields['plaintext'], 'plaintext', 1, LONGEST_MESSAGE);
  return { ciphertext: encryptAsym(state, fields['key'], algorithm, plaintext) };
}

export function asymDecrypt(state: TokenState, input: unknown): HsmOutput<'asymDecrypt'> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'ciphertext']);
  const algorithm = asymAlgorithmOf(fields['algorithm'], 'algorithm');
  const ciphertext = bytesOf(fields['ciphertext'], 'ciphertext', 1, LONGEST_CIPHERTEXT);
  return { plaintext: decryptAsym(state, fields['key'], algorithm, ciphertext) };
}
