import { KeyholdError } from '../../../contract/errors.ts';
import { type HmacHash, hmac } from '../../crypto/hmac.ts';
import { bytesOf, fieldsOf, oneOf } from '../input.ts';
import type { HsmInput, HsmOutput, ObjectSpec } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';
import { LONGEST_PAYLOAD } from '../vault-input.ts';

type Algorithm = HsmInput<'hmac'>['algorithm'];
const ALGORITHMS: readonly Algorithm[] = ['SHA-256', 'SHA-384', 'SHA-512'];
const HASHES: Record<Algorithm, HmacHash> = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };
const SPECS: Record<Algorithm, ObjectSpec> = { 'SHA-256': 'HMAC_256', 'SHA-384': 'HMAC_384', 'SHA-512': 'HMAC_512' };
const MAC_SPECS: readonly ObjectSpec[] = ['HMAC_256', 'HMAC_384', 'HMAC_512', 'GENERIC_SECRET'];

export function mac(state: TokenState, input: unknown): HsmOutput<'hmac'> {
  const fields = fieldsOf(input, 'input', ['key', 'algorithm', 'message']);
  const algorithm = oneOf(fields['algorithm'], 'algorithm', ALGORITHMS);
  const message = bytesOf(fields['message'], 'message', 0, LONGEST_PAYLOAD);
  const { attributes, material } = objectFor(state, fields['key'], { usage: 'mac', specs: MAC_SPECS });
  if (attributes.spec !== 'GENERIC_SECRET' && attributes.spec !== SPECS[algorithm]) {
    throw new KeyholdError('HsmRefused', `A key of spec ${attributes.spec} does not do HMAC with ${algorithm}.`);
  }
  return { mac: hmac(HASHES[algorithm], material, message) };
}
