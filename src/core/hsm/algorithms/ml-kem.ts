import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { wipe } from '../../crypto/wipe.ts';
import type { MlKemSpec } from '../protocol.ts';
import { algorithmIdentifier, makeSpki, readSpki } from './key-encoding.ts';
import type { KeyPairAlgorithm, PublicKey } from './key-pair.ts';
import { seedFromPkcs8, seedToPkcs8 } from './seed-key.ts';

/** Not independently audited, as ml-dsa.ts. */
type Parameters = typeof ml_kem512;

const SETS: Record<MlKemSpec, { set: Parameters; oid: string; ciphertextBytes: number }> = {
  ML_KEM_512: { set: ml_kem512, oid: '608648016503040401', ciphertextBytes: 768 },
  ML_KEM_768: { set: ml_kem768, oid: '608648016503040402', ciphertextBytes: 1088 },
  ML_KEM_1024: { set: ml_kem1024, oid: '608648016503040403', ciphertextBytes: 1568 },
};
const SEED_BYTES = 64;
const MESSAGE_BYTES = 32;

/** ML-KEM (FIPS 203). Material is the seed d || z. */
export function mlKem(spec: MlKemSpec): KeyPairAlgorithm {
  const { set, oid, ciphertextBytes } = SETS[spec];
  const identifier = algorithmIdentifier(oid);
  const publicKeyOf = (publicKey: Uint8Array): PublicKey => ({
    spki: makeSpki(identifier, publicKey),
    encapsulate(random) {
      const message = random.bytes(MESSAGE_BYTES);
      const { sharedSecret, cipherText } = set.encapsulate(publicKey, message);
      wipe(message);
      return { sharedSecret, ciphertext: cipherText };
    },
  });
  return {
    signing: [],
    generate: (random) => random.bytes(SEED_BYTES),
    privateKey(seed) {
      if (seed.length !== SEED_BYTES) throw new RangeError('not an ML-KEM seed');
      const { secretKey, publicKey } = set.keygen(seed);
      return {
        ...publicKeyOf(publicKey),
        decapsulate: (ciphertext) =>
          ciphertext.length === ciphertextBytes ? set.decapsulate(ciphertext, secretKey) : null,
        wipe: () => wipe(secretKey),
      };
    },
    publicKey(spki) {
      const publicKey = readSpki(spki, identifier);
      return publicKey !== null && publicKey.length === set.lengths.publicKey ? publicKeyOf(publicKey) : null;
    },
    toPkcs8: (seed) => seedToPkcs8(identifier, seed),
    fromPkcs8: (pkcs8) => seedFromPkcs8(identifier, pkcs8, SEED_BYTES, (seed) => set.keygen(seed)),
  };
}
