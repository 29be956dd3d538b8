import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { KEY_PAIRS } from '../algorithms/key-pairs.ts';
import { SYMMETRIC_KEY_BYTES } from '../algorithms/specs.ts';
import { unwrapMaterial } from '../algorithms/unwrap-material.ts';
import { bytesOf, fieldsOf, oneOf } from '../input.ts';
import { invalidCiphertext, LONGEST_CIPHERTEXT } from '../kms-input.ts';
import { namingKeyOf } from '../material-id.ts';
import { NEW_MATERIAL_FIELDS, type NewMaterial, newMaterialOf, sealKmsMaterial } from '../new-kms-material.ts';
import type { HsmOutput, WrappingAlgorithm } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { keyPairFor } from '../use-key-pair.ts';

const ALGORITHMS: readonly WrappingAlgorithm[] = [
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'RSAES_PKCS1_V1_5',
  'SM2PKE',
];
const FIELDS = [...NEW_MATERIAL_FIELDS, 'wrappingKey', 'algorithm', 'encryptedKeyMaterial'];

export function importKmsMaterial(state: TokenState, input: unknown): HsmOutput<'importKmsMaterial'> {
  const { wrappingKey, algorithm, encryptedKeyMaterial, ...rest } = fieldsOf(input, 'input', FIELDS);
  const wanted = newMaterialOf(rest);
  const wrapping = oneOf(algorithm, 'algorithm', ALGORITHMS);
  const wrapped = bytesOf(encryptedKeyMaterial, 'encryptedKeyMaterial', 1, LONGEST_CIPHERTEXT);
  const naming = namingKeyOf(state, rest['naming']);
  const { pair, spec } = keyPairFor(state, wrappingKey, 'unwrap');
  if ((spec === 'SM2') !== (wrapping === 'SM2PKE')) throw invalidCiphertext();
  const unwrapped = unwrapMaterial(pair, wrapping, wrapped);
  if (unwrapped === null) throw invalidCiphertext();
  try {
    const material = materialOf(wanted, unwrapped);
    try {
      return sealKmsMaterial(state, wanted, naming, material);
    } finally {
      wipe(material);
    }
  } finally {
    wipe(unwrapped);
  }
}

function materialOf(wanted: NewMaterial, unwrapped: Uint8Array): Uint8Array {
  if (wanted.kind === 'symmetric') {
    const length = SYMMETRIC_KEY_BYTES[wanted.spec];
    if (unwrapped.length === length) return new Uint8Array(unwrapped);
    throw invalidMaterial(`A key of spec ${wanted.spec} has exactly ${length} bytes.`);
  }
  const material = KEY_PAIRS[wanted.spec].fromPkcs8(unwrapped);
  if (material === null) throw invalidMaterial(`This is not the PKCS#8 DER of a private key of spec ${wanted.spec}.`);
  return material;
}

function invalidMaterial(message: string): KeyholdError {
  return new KeyholdError('InvalidKeyMaterial', message);
}
