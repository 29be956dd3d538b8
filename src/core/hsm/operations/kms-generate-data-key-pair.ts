import { wipe } from '../../crypto/wipe.ts';
import { DATA_KEY_PAIR_SPECS, KEY_PAIRS } from '../algorithms/key-pairs.ts';
import { encryptSymmetric } from '../algorithms/symmetric.ts';
import { booleanOf, fieldsOf, oneOf } from '../input.ts';
import { aadOf, backingKeyOf } from '../kms-input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

export async function kmsGenerateDataKeyPair(
  state: TokenState,
  input: unknown,
): Promise<HsmOutput<'kmsGenerateDataKeyPair'>> {
  const fields = fieldsOf(input, 'input', ['key', 'aad', 'spec', 'reveal']);
  const aad = aadOf(fields['aad']);
  const algorithm = KEY_PAIRS[oneOf(fields['spec'], 'spec', DATA_KEY_PAIR_SPECS)];
  const reveal = booleanOf(fields['reveal'], 'reveal');
  const key = backingKeyOf(state, fields['key'], 'encrypt');
  const material = await algorithm.generate(state.ports.random);
  try {
    const pair = algorithm.privateKey(material);
    pair.wipe?.();
    const privateKey = algorithm.toPkcs8(material);
    const privateCiphertext = encryptSymmetric(key, state.nonces, aad, privateKey);
    if (reveal) return { publicKey: pair.spki, privateCiphertext, privatePlaintext: privateKey };
    wipe(privateKey);
    return { publicKey: pair.spki, privateCiphertext };
  } finally {
    wipe(material);
  }
}
