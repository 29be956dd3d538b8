import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { wipe } from '../../crypto/wipe.ts';
import type { MlDsaSpec } from '../protocol.ts';
import { algorithmIdentifier, makeSpki, readSpki } from './key-encoding.ts';
import type { KeyPairAlgorithm, PublicKey } from './key-pair.ts';
import { seedFromPkcs8, seedToPkcs8 } from './seed-key.ts';

/** Not independently audited (docs/threat-model.md): no other package that runs under Node and Electron alike is. */
type Parameters = typeof ml_dsa44;

const SETS: Record<MlDsaSpec, { set: Parameters; oid: string }> = {
  ML_DSA_44: { set: ml_dsa44, oid: '608648016503040311' },
  ML_DSA_65: { set: ml_dsa65, oid: '608648016503040312' },
  ML_DSA_87: { set: ml_dsa87, oid: '608648016503040313' },
};
const SEED_BYTES = 32;
const ENTROPY_BYTES = 32;
const EXTERNAL_MU = { externalMu: true };

/** ML-DSA (FIPS 204), pure, with the empty context. Material is the seed ξ. */
export function mlDsa(spec: MlDsaSpec): KeyPairAlgorithm {
  const { set, oid } = SETS[spec];
  const identifier = algorithmIdentifier(oid);
  const publicKeyOf = (publicKey: Uint8Array): PublicKey => ({
    spki: makeSpki(identifier, publicKey),
    verify({ messageType, message }, signature) {
      if (signature.length !== set.lengths.signature) return false;
      try {
        return messageType === 'RAW'
          ? set.verify(signature, message, publicKey)
          : set.internal.verify(signature, message, publicKey, EXTERNAL_MU);
      } catch {
        return false;
      }
    },
  });
  return {
    signing: ['ML_DSA_SHAKE_256'],
    generate: (random) => random.bytes(SEED_BYTES),
    privateKey(seed) {
      if (seed.length !== SEED_BYTES) throw new RangeError('not an ML-DSA seed');
      const { secretKey, publicKey } = set.keygen(seed);
      return {
        ...publicKeyOf(publicKey),
        sign({ messageType, message }, random) {
          const extraEntropy = random.bytes(ENTROPY_BYTES);
          return messageType === 'RAW'
            ? set.sign(message, secretKey, { extraEntropy })
            : set.internal.sign(message, secretKey, { extraEntropy, ...EXTERNAL_MU });
        },
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
