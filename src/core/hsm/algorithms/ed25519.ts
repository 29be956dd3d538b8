import { sign, verify } from 'node:crypto';
import { ed25519ph } from '@noble/curves/ed25519.js';
import { DER, derElements } from '../../crypto/der.ts';
import { algorithmIdentifier, readPkcs8, readSpki } from './key-encoding.ts';
import type { KeyPairAlgorithm, PublicKey } from './key-pair.ts';
import {
  exportSpki,
  generateEd25519,
  importPkcs8,
  importSpki,
  type NodeKey,
  publicHalf,
  soundPkcs8,
} from './node-keys.ts';
import { EDWARDS_ALGORITHMS } from './signing-rules.ts';

const IDENTIFIER = algorithmIdentifier('2b6570');
const SIGNATURE_BYTES = 64;

const fits = (key: NodeKey): boolean => key.asymmetricKeyType === 'ed25519';

/** Ed25519 of messages, Ed25519ph of digests (RFC 8032). The latter hashes what it gets, also when that is a digest already. */
export const ed25519: KeyPairAlgorithm = {
  signing: EDWARDS_ALGORITHMS,
  generate: () => generateEd25519(),
  privateKey(material) {
    const key = importPkcs8(material);
    const seed = seedOf(material);
    if (!fits(key) || seed === null) throw new RangeError('not an Ed25519 key');
    return {
      ...publicKeyOf(publicHalf(key)),
      sign: ({ messageType, message }) =>
        messageType === 'RAW' ? new Uint8Array(sign(null, message, key)) : ed25519ph.sign(message, seed),
    };
  },
  publicKey(spki) {
    const key = importSpki(spki);
    return key !== null && fits(key) ? publicKeyOf(key) : null;
  },
  toPkcs8: (material) => new Uint8Array(material),
  fromPkcs8: (pkcs8) => soundPkcs8(pkcs8, null, fits),
};

function publicKeyOf(key: NodeKey): PublicKey {
  const spki = exportSpki(key);
  const point = readSpki(spki, IDENTIFIER);
  return {
    spki,
    verify({ messageType, message }, signature) {
      if (signature.length !== SIGNATURE_BYTES || point === null) return false;
      if (messageType === 'RAW') return verify(null, message, key, signature);
      try {
        return ed25519ph.verify(signature, message, point, { zip215: false });
      } catch {
        return false;
      }
    },
  };
}

/** RFC 8410, section 7: an OCTET STRING in the OCTET STRING. A view of the material. */
function seedOf(pkcs8: Uint8Array): Uint8Array | null {
  const inner = readPkcs8(pkcs8, IDENTIFIER);
  const [seed, ...more] = (inner === null ? null : derElements(inner)) ?? [];
  return seed?.tag === DER.octetString && more.length === 0 ? seed.value : null;
}
