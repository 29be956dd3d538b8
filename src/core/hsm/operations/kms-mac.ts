import { KeyholdError } from '../../../contract/errors.ts';
import { equal } from '../../crypto/equal.ts';
import { type HmacHash, hmac } from '../../crypto/hmac.ts';
import { secretKey } from '../../crypto/secret-key.ts';
import { bytesOf, type Fields, fieldsOf, oneOf } from '../input.ts';
import { LONGEST_CIPHERTEXT, LONGEST_MESSAGE } from '../kms-input.ts';
import type { HmacSpec, HsmOutput, MacAlgorithm } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';

const HASHES: Record<MacAlgorithm, HmacHash> = {
  HMAC_SHA_224: 'sha224',
  HMAC_SHA_256: 'sha256',
  HMAC_SHA_384: 'sha384',
  HMAC_SHA_512: 'sha512',
};
const SPECS: Record<MacAlgorithm, HmacSpec> = {
  HMAC_SHA_224: 'HMAC_224',
  HMAC_SHA_256: 'HMAC_256',
  HMAC_SHA_384: 'HMAC_384',
  HMAC_SHA_512: 'HMAC_512',
};
const MAC_ALGORITHMS: readonly MacAlgorithm[] = ['HMAC_SHA_224', 'HMAC_SHA_256', 'HMAC_SHA_384', 'HMAC_SHA_512'];
const MAC_SPECS = Object.values(SPECS);

export function kmsMac(state: TokenState, input: unknown): HsmOutput<'kmsMac'> {
  return { mac: macOf(state, fieldsOf(input, 'input', ['key', 'algorithm', 'message'])) };
}

export function kmsVerifyMac(state: TokenState, input: unknown): HsmOutput<'kmsVerifyMac'> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'message', 'mac']);
  const mac = bytesOf(fields['mac'], 'mac', 1, LONGEST_CIPHERTEXT);
  return { valid: equal(macOf(state, fields), mac) };
}

function macOf(state: TokenState, fields: Fields): Uint8Array {
  const algorithm = oneOf(fields['algorithm'], 'algorithm', MAC_ALGORITHMS);
  const message = bytesOf(fields['message'], 'message', 1, LONGEST_MESSAGE);
  const object = objectFor(state, fields['key'], { usage: 'mac', specs: MAC_SPECS });
  if (object.attributes.spec !== SPECS[algorithm]) {
    throw new KeyholdError('HsmRefused', `A key of spec ${object.attributes.spec} does not do ${algorithm}.`);
  }
  object.prepared ??= secretKey(object.material);
  return hmac(HASHES[algorithm], object.prepared, message);
}
