import { KeyholdError } from '../../../contract/errors.ts';
import { derSequence } from '../../crypto/der.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { isX509KeySpec } from '../algorithms/x509-specs.ts';
import { bytesOf, fieldsOf, invalid } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { keyPairFor, unable } from '../use-key-pair.ts';
import { loadObject } from '../use-object.ts';

const LONGEST_MESSAGE = 16 * 1024;
const STRING_TO_SIGN =
  /^AWS4-X509-(?:RSA|ECDSA)-SHA256\n\d{8}T\d{6}Z\n\d{8}\/[a-z0-9-]{1,64}\/rolesanywhere\/aws4_request\n[0-9a-f]{64}$/;

export async function x509Sign(state: TokenState, input: unknown): Promise<HsmOutput<'x509Sign'>> {
  const fields = fieldsOf(input, 'input', ['key', 'message']);
  const message = bytesOf(fields['message'], 'message', 1, LONGEST_MESSAGE);
  if (!isStringToSign(message) && !isRequestInfo(message)) {
    throw invalid('message', 'a string to sign of IAM Roles Anywhere or a certification request');
  }
  const { usage } = loadObject(state, fields['key']).attributes;
  const { pair, spec } = keyPairFor(state, fields['key'], 'sign');
  if (usage.length !== 1 || !isX509KeySpec(spec)) {
    throw new KeyholdError('HsmRefused', 'This is not the key of a certificate.');
  }
  if (pair.sign === undefined) throw unable(spec, 'sign');
  const rsa = spec.startsWith('RSA');
  // ECDSA takes a digest of whatever length: the curve’s own hash is the KMS’s rule.
  const toSign = rsa
    ? { algorithm: 'RSASSA_PKCS1_V1_5_SHA_256' as const, messageType: 'RAW' as const, message }
    : { algorithm: 'ECDSA_SHA_256' as const, messageType: 'DIGEST' as const, message: sha256(message) };
  return { signature: await pair.sign(toSign, state.ports.random) };
}

function isStringToSign(message: Uint8Array): boolean {
  return STRING_TO_SIGN.test(Buffer.from(message).toString('latin1'));
}

/** SEQUENCE { INTEGER 0, Name, SubjectPublicKeyInfo, [0] attributes }; a TBSCertificate begins with its version in [0]. */
function isRequestInfo(message: Uint8Array): boolean {
  const parts = derSequence(message);
  if (parts?.length !== 4) return false;
  const [version, name, key, attributes] = parts;
  return (
    version?.tag === 0x02 &&
    version.value.length === 1 &&
    version.value[0] === 0 &&
    name?.tag === 0x30 &&
    key?.tag === 0x30 &&
    attributes?.tag === 0xa0
  );
}
