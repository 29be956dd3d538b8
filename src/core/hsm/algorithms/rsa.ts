import { constants, privateDecrypt, privateEncrypt, publicDecrypt, publicEncrypt, sign, verify } from 'node:crypto';
import { concat } from '../../crypto/bytes.ts';
import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import type { Random } from '../../ports.ts';
import type {
  AsymEncryptionAlgorithm,
  RsaEncryptionAlgorithm,
  RsaSigningAlgorithm,
  SigningAlgorithm,
} from '../protocol.ts';
import { DIGEST_INFO } from './digest-info.ts';
import { encodePss, isPss } from './emsa-pss.ts';
import type { KeyPairAlgorithm, PrivateKey, PublicKey, ToSign } from './key-pair.ts';
import {
  exportSpki,
  generateRsa,
  importPkcs8,
  importSpki,
  type NodeKey,
  publicHalf,
  soundPkcs8,
  taken,
} from './node-keys.ts';
import { digestBytes, digestOf } from './signing-rules.ts';

const SIGNING: readonly RsaSigningAlgorithm[] = [
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
];
const OAEP_HASH: Record<RsaEncryptionAlgorithm, { name: string; bytes: number }> = {
  RSAES_OAEP_SHA_1: { name: 'sha1', bytes: 20 },
  RSAES_OAEP_SHA_256: { name: 'sha256', bytes: 32 },
};
/** FIPS 186-5, A.1.1, from below; BoringSSL, from above. */
const SMALLEST_EXPONENT = 65_537n;
const LARGEST_EXPONENT = 2n ** 33n - 1n;
const BLOCK_TYPE = 2;
const LEAST_PADDING = 8;

/** RSA (RFC 8017) with a modulus of exactly this many bits, a multiple of eight. */
export function rsa(bits: number): KeyPairAlgorithm {
  const fits = (key: NodeKey): boolean =>
    key.asymmetricKeyType === 'rsa' && key.asymmetricKeyDetails?.modulusLength === bits;
  const exponentFits = ({ asymmetricKeyDetails: details }: NodeKey): boolean => {
    const exponent = details?.publicExponent ?? 0n;
    return exponent >= SMALLEST_EXPONENT && exponent <= LARGEST_EXPONENT;
  };
  return {
    signing: SIGNING,
    encryption: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
    generate: () => generateRsa(bits),
    privateKey(material) {
      const key = importPkcs8(material);
      if (!fits(key)) throw new RangeError('not an RSA key of this length');
      return rsaPrivateKey(key, bits);
    },
    publicKey(spki) {
      const key = importSpki(spki);
      return key !== null && fits(key) ? rsaPublicKey(key, bits) : null;
    },
    toPkcs8: (material) => new Uint8Array(material),
    fromPkcs8: (pkcs8) => soundPkcs8(pkcs8, 'sha256', (key) => fits(key) && exponentFits(key)),
  };
}

function oaepHash(algorithm: AsymEncryptionAlgorithm): { name: string; bytes: number } {
  if (algorithm === 'SM2PKE') throw new RangeError('not an algorithm of RSA');
  return OAEP_HASH[algorithm];
}

function rsaPublicKey(key: NodeKey, bits: number): PublicKey {
  const length = bits / 8;
  return {
    spki: exportSpki(key),
    verify(toSign, signature) {
      if (signature.length !== length) return false;
      const hash = digestOf(toSign.algorithm);
      if (toSign.messageType === 'RAW') {
        return verify(hash, toSign.message, padded(key, toSign.algorithm), signature);
      }
      const encoded = recovered(key, signature, isPssAlgorithm(toSign.algorithm));
      if (encoded === null) return false;
      return isPssAlgorithm(toSign.algorithm)
        ? isPss(hash, toSign.message, bits - 1, encoded)
        : equal(encoded, concat(DIGEST_INFO[hash], toSign.message));
    },
    longestPlaintext: (algorithm) => length - 2 * oaepHash(algorithm).bytes - 2,
    encrypt(algorithm, plaintext) {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      return new Uint8Array(publicEncrypt({ key, padding, oaepHash: oaepHash(algorithm).name }, plaintext));
    },
  };
}

function rsaPrivateKey(key: NodeKey, bits: number): PrivateKey {
  const length = bits / 8;
  const decrypted = (padding: number, oaepHash: string | undefined, ciphertext: Uint8Array): Uint8Array | null => {
    if (ciphertext.length !== length) return null;
    try {
      return taken(privateDecrypt({ key, padding, ...(oaepHash === undefined ? {} : { oaepHash }) }, ciphertext));
    } catch {
      return null;
    }
  };
  return {
    ...rsaPublicKey(publicHalf(key), bits),
    sign(toSign, random) {
      return toSign.messageType === 'RAW' ? signMessage(key, toSign) : signDigest(key, bits, toSign, random);
    },
    ciphertextBytes: length,
    decrypt: (algorithm, ciphertext) =>
      decrypted(constants.RSA_PKCS1_OAEP_PADDING, oaepHash(algorithm).name, ciphertext),
    decryptPkcs1(ciphertext) {
      // Without padding, because Node answers a wrong one differently under OpenSSL (random bytes) and BoringSSL (an error).
      const block = decrypted(constants.RSA_NO_PADDING, undefined, ciphertext);
      if (block === null) return null;
      const end = block.indexOf(0, 2);
      const fits = block[0] === 0 && block[1] === BLOCK_TYPE && end >= 2 + LEAST_PADDING;
      const message = fits ? block.slice(end + 1) : null;
      wipe(block);
      return message;
    },
  };
}

/** On the thread pool: hundreds of microseconds that the HSM has for others, and with several cores several at once. */
function signMessage(key: NodeKey, { algorithm, message }: ToSign): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign(digestOf(algorithm), message, padded(key, algorithm), (error, signature) =>
      error === null ? resolve(new Uint8Array(signature)) : reject(error),
    );
  });
}

function signDigest(key: NodeKey, bits: number, { algorithm, message }: ToSign, random: Random): Uint8Array {
  const hash = digestOf(algorithm);
  if (!isPssAlgorithm(algorithm)) {
    const padding = constants.RSA_PKCS1_PADDING;
    return new Uint8Array(privateEncrypt({ key, padding }, concat(DIGEST_INFO[hash], message)));
  }
  const encoded = encodePss(hash, message, bits - 1, random.bytes(message.length));
  return new Uint8Array(privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded));
}

/** What was signed: the whole encoded message of PSS, that of PKCS #1 v1.5 without its padding. Null when that is not intact. */
function recovered(key: NodeKey, signature: Uint8Array, whole: boolean): Uint8Array | null {
  const padding = whole ? constants.RSA_NO_PADDING : constants.RSA_PKCS1_PADDING;
  try {
    return new Uint8Array(publicDecrypt({ key, padding }, signature));
  } catch {
    return null;
  }
}

function isPssAlgorithm(algorithm: SigningAlgorithm): boolean {
  return algorithm.startsWith('RSASSA_PSS');
}

interface PaddedKey {
  key: NodeKey;
  padding: number;
  saltLength: number;
}

/** PKCS #1 v1.5 is what node:crypto makes of a bare key, and faster than with options around it (ec-nist.ts). */
function padded(key: NodeKey, algorithm: SigningAlgorithm): NodeKey | PaddedKey {
  return isPssAlgorithm(algorithm)
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: digestBytes(algorithm) }
    : key;
}
