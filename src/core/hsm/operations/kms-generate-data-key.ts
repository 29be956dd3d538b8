import { wipe } from '../../crypto/wipe.ts';
import { encryptSymmetric } from '../algorithms/symmetric.ts';
import { booleanOf, fieldsOf, integerOf } from '../input.ts';
import { aadOf, backingKeyOf } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

const LONGEST_DATA_KEY = 1024;

export function kmsGenerateDataKey(state: TokenState, input: unknown): HsmOutput<'kmsGenerateDataKey'> {
  const fields = fieldsOf(input, 'input', ['key', 'aad', 'length', 'reveal']);
  const aad = aadOf(fields['aad']);
  const length = integerOf(fields['length'], 'length', 1, LONGEST_DATA_KEY);
  const reveal = booleanOf(fields['reveal'], 'reveal');
  const key = backingKeyOf(state, fields['key'], 'encrypt');
  const plaintext = state.ports.random.bytes(length);
  const ciphertext = encryptSymmetric(key, state.nonces, aad, plaintext);
  if (reveal) return { ciphertext, plaintext };
  wipe(plaintext);
  return { ciphertext };
}
