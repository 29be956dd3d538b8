import { KeyholdError } from '../../../contract/errors.ts';
import { toHex, utf8 } from '../../crypto/bytes.ts';
import { type P256PrivateKey, p256FromScalar, p256PublicKey, signP256 } from '../../crypto/ecdsa-p256.ts';
import { deriveSigV4aScalar } from '../../crypto/sigv4-key.ts';
import { wipe } from '../../crypto/wipe.ts';
import { requireNoGate } from '../gates/no-gate.ts';
import { fieldsOf, invalid, matchOf, textOf } from '../input.ts';
import { type CachedObject, rememberSigV4aKey } from '../object-cache.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';

const ACCESS_KEY_ID = /^[A-Za-z0-9]{1,128}$/;
const LONGEST_STRING_TO_SIGN = 65_536;
/** Algorithm, time, `date/service/aws4_request`, hash of the canonical request. */
const STRING_TO_SIGN = /^AWS4-ECDSA-P256-SHA256\n\d{8}T\d{6}Z\n\d{8}\/([^/\n]{1,128})\/aws4_request\n[0-9a-f]{64}$/;

export function sigv4aSign(state: TokenState, input: unknown): HsmOutput<'sigv4aSign'> {
  const fields = fieldsOf(input, 'input', ['key', 'accessKeyId', 'stringToSign']);
  const accessKeyId = accessKeyIdOf(fields['accessKeyId']);
  const stringToSign = textOf(fields['stringToSign'], 'stringToSign', 1, LONGEST_STRING_TO_SIGN);
  const service = STRING_TO_SIGN.exec(stringToSign)?.[1];
  if (service === undefined) throw invalid('stringToSign', 'a SigV4a string to sign');
  const object = signer(state, fields['key']);
  const { services, regions } = object.attributes.policy;
  if (services !== undefined && !services.includes(service)) {
    throw new KeyholdError('HsmRefused', 'This key may not sign for that service.');
  }
  if (regions !== undefined) {
    throw new KeyholdError('HsmRefused', 'This key is bound to regions and cannot sign for a set of them (SigV4a).');
  }
  return { signature: toHex(signP256(privateKey(object, accessKeyId), utf8(stringToSign))) };
}

export function sigv4aPublicKey(state: TokenState, input: unknown): HsmOutput<'sigv4aPublicKey'> {
  const fields = fieldsOf(input, 'input', ['key', 'accessKeyId']);
  const accessKeyId = accessKeyIdOf(fields['accessKeyId']);
  const object = signer(state, fields['key']);
  requireNoGate(object);
  return { publicKey: p256PublicKey(privateKey(object, accessKeyId)) };
}

function signer(state: TokenState, key: unknown): CachedObject {
  return objectFor(state, key, { usage: 'sigv4', specs: ['AWS_SECRET_ACCESS_KEY', 'CLIENT_SECRET_KEY'] });
}

function privateKey(object: CachedObject, accessKeyId: string): P256PrivateKey {
  const cached = object.sigv4aKeys.get(accessKeyId);
  if (cached !== undefined) return cached;
  const scalar = deriveSigV4aScalar(object.material, accessKeyId);
  try {
    return rememberSigV4aKey(object, accessKeyId, p256FromScalar(scalar));
  } finally {
    wipe(scalar);
  }
}

function accessKeyIdOf(value: unknown): string {
  return matchOf(value, 'accessKeyId', ACCESS_KEY_ID, 'an access key id');
}
