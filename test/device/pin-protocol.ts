import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  type ECDH,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { type CborMap, cborMap } from './cbor.ts';
import { concat, equal } from './emulated-device.ts';
import { CtapError, type Request, STATUS } from './status.ts';

/** The authenticator's half of the PIN/UV auth protocols (CTAP 2.1, sections 6.5.6 and 6.5.7). */
export interface PinProtocol {
  readonly number: 1 | 2;
  publicKey(): CborMap;
  /** Makes a new key for the agreement. */
  regenerate(): void;
  /** The shared secret with the platform's key, or `invalidParameter`. */
  decapsulate(platformKey: Request): Uint8Array;
  encrypt(shared: Uint8Array, plaintext: Uint8Array): Uint8Array;
  decrypt(shared: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

const NO_IV = new Uint8Array(16);
const BLOCK = 16;

export function coseOf(x: Uint8Array, y: Uint8Array, algorithm: number): CborMap {
  return cborMap([
    [1, 2],
    [3, algorithm],
    [-1, 1],
    [-2, x],
    [-3, y],
  ]);
}

export function createPinProtocol(number: 1 | 2): PinProtocol {
  let agreement = fresh();
  const macKey = (key: Uint8Array): Uint8Array => (number === 2 ? key.subarray(0, 32) : key);
  const aesKey = (key: Uint8Array): Uint8Array => (number === 2 ? key.subarray(32) : key);
  return {
    number,
    publicKey() {
      const point = agreement.getPublicKey();
      return coseOf(new Uint8Array(point.subarray(1, 33)), new Uint8Array(point.subarray(33)), -25);
    },
    regenerate() {
      agreement = fresh();
    },
    decapsulate(key) {
      const [x, y] = [key.bytes(-2), key.bytes(-3)];
      if (key.number(1) !== 2 || key.number(3) !== -25 || key.number(-1) !== 1 || x.length !== 32 || y.length !== 32) {
        throw new CtapError(STATUS.invalidParameter);
      }
      let z: Buffer;
      try {
        z = agreement.computeSecret(concat(Uint8Array.of(4), x, y));
      } catch {
        throw new CtapError(STATUS.invalidParameter);
      }
      if (number === 1) return new Uint8Array(createHash('sha256').update(z).digest());
      const derive = (info: string): Uint8Array => new Uint8Array(hkdfSync('sha256', z, new Uint8Array(32), info, 32));
      return concat(derive('CTAP2 HMAC key'), derive('CTAP2 AES key'));
    },
    encrypt(shared, plaintext) {
      const iv = number === 2 ? randomBytes(BLOCK) : NO_IV;
      const cipher = createCipheriv('aes-256-cbc', aesKey(shared), iv).setAutoPadding(false);
      const out = concat(cipher.update(plaintext), cipher.final());
      return number === 2 ? concat(iv, out) : out;
    },
    decrypt(shared, ciphertext) {
      const iv = number === 2 ? ciphertext.subarray(0, BLOCK) : NO_IV;
      const body = number === 2 ? ciphertext.subarray(BLOCK) : ciphertext;
      if (iv.length !== BLOCK || body.length === 0 || body.length % BLOCK !== 0) {
        throw new CtapError(STATUS.invalidParameter);
      }
      const decipher = createDecipheriv('aes-256-cbc', aesKey(shared), iv).setAutoPadding(false);
      return concat(decipher.update(body), decipher.final());
    },
    verify(key, message, signature) {
      const mac = createHmac('sha256', macKey(key)).update(message).digest();
      return equal(number === 2 ? mac : mac.subarray(0, 16), signature);
    },
  };
}

function fresh(): ECDH {
  const out = createECDH('prime256v1');
  out.generateKeys();
  return out;
}
