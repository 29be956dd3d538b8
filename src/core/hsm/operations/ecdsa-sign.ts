import { importP256, signP256 } from '../../crypto/ecdsa-p256.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';
import { LONGEST_PAYLOAD } from '../vault-input.ts';

export function ecdsaSign(state: TokenState, input: unknown): HsmOutput<'ecdsaSign'> {
  const fields = fieldsOf(input, 'input', ['key', 'message']);
  const message = bytesOf(fields['message'], 'message', 0, LONGEST_PAYLOAD);
  const object = objectFor(state, fields['key'], { usage: 'sign', specs: ['EC_P256'] });
  object.prepared ??= importP256(object.material);
  return { signature: signP256(object.prepared, message) };
}
