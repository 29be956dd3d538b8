import { p256, p384, p521 } from '@noble/curves/nist.js';
import type { DataKeyPairSpec, ImportKeySpec, KeyPairSpec, RsaSpec } from '../protocol.ts';
import { ecNist } from './ec-nist.ts';
import { ed25519 } from './ed25519.ts';
import type { KeyPairAlgorithm } from './key-pair.ts';
import { mlDsa } from './ml-dsa.ts';
import { mlKem } from './ml-kem.ts';
import { rsa } from './rsa.ts';
import { secp256k1 } from './secp256k1.ts';
import { sm2 } from './sm2.ts';

/** Every spec of key pairs. */
export const KEY_PAIRS: Readonly<Record<KeyPairSpec, KeyPairAlgorithm>> = {
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  EC_P256: ecNist({
    name: 'prime256v1',
    oid: '2a8648ce3d030107',
    algorithm: 'ECDSA_SHA_256',
    digests: p256,
    slow: false,
  }),
  EC_P384: ecNist({ name: 'secp384r1', oid: '2b81040022', algorithm: 'ECDSA_SHA_384', digests: p384, slow: true }),
  EC_P521: ecNist({ name: 'secp521r1', oid: '2b81040023', algorithm: 'ECDSA_SHA_512', digests: p521, slow: true }),
  EC_SECP256K1: secp256k1,
  ED25519: ed25519,
  SM2: sm2,
  ML_DSA_44: mlDsa('ML_DSA_44'),
  ML_DSA_65: mlDsa('ML_DSA_65'),
  ML_DSA_87: mlDsa('ML_DSA_87'),
  ML_KEM_512: mlKem('ML_KEM_512'),
  ML_KEM_768: mlKem('ML_KEM_768'),
  ML_KEM_1024: mlKem('ML_KEM_1024'),
};

export const KEY_PAIR_SPECS = Object.keys(KEY_PAIRS).filter(isKeyPairSpec);
const RSA_SPECS: readonly RsaSpec[] = ['RSA_2048', 'RSA_3072', 'RSA_4096'];
export const IMPORT_KEY_SPECS: readonly ImportKeySpec[] = [...RSA_SPECS, 'SM2'];
/** AWS makes no data key pairs for ML-DSA. */
export const DATA_KEY_PAIR_SPECS: readonly DataKeyPairSpec[] = [
  ...RSA_SPECS,
  'EC_P256',
  'EC_P384',
  'EC_P521',
  'EC_SECP256K1',
  'ED25519',
  'SM2',
  'ML_KEM_512',
  'ML_KEM_768',
  'ML_KEM_1024',
];

export function isKeyPairSpec(spec: unknown): spec is KeyPairSpec {
  return typeof spec === 'string' && Object.hasOwn(KEY_PAIRS, spec);
}
