import { createECDH } from 'node:crypto';
import { KeyholdError } from '../../contract/errors.ts';
import type { P256Point, PinUvProtocol } from '../fido/pin-uv.ts';
import type { Random } from '../ports.ts';
import { AES_BLOCK_BYTES, decryptCbc, encryptCbc } from './aes-cbc.ts';
import { concat, utf8 } from './bytes.ts';
import { hmacSha256 } from './hmac.ts';
import { hkdfSha256 } from './kdf.ts';
import { padPin } from './pin.ts';
import { sha256 } from './sha256.ts';
import { wipe } from './wipe.ts';

/**
 * The platform's half of the PIN/UV auth protocols one and two (CTAP 2.1, sections 6.5.4 to 6.5.7): what a PIN, the token that it buys and the outputs of
 * hmac-secret are enciphered with on their way between this process and the security key. Runs in the HSM process only.
 */
export interface PlatformPinUv {
  readonly protocol: PinUvProtocol;
  /** The platform's ephemeral public key, for the security key. */
  readonly platformKey: P256Point;
  /** For getPinToken and getPinUvAuthTokenUsingPinWithPermissions. The caller owns and wipes every PIN given here. */
  pinHash(pin: Uint8Array): { pinHashEnc: Uint8Array };
  /** For setPIN. */
  setPin(newPin: Uint8Array): { newPinEnc: Uint8Array; pinUvAuthParam: Uint8Array };
  /** For changePIN. */
  changePin(
    pin: Uint8Array,
    newPin: Uint8Array,
  ): { pinHashEnc: Uint8Array; newPinEnc: Uint8Array; pinUvAuthParam: Uint8Array };
  /** Takes the pinUvAuthToken as the security key enciphered it; `DeviceFault` when it cannot be one. */
  acceptToken(encrypted: Uint8Array): void;
  /** pinUvAuthParam over `message` with the token that was accepted. */
  authenticate(message: Uint8Array): Uint8Array;
  /** For the hmac-secret extension: one or two salts of 32 bytes. */
  hmacSecretInput(salts: readonly Uint8Array[]): { saltEnc: Uint8Array; saltAuth: Uint8Array };
  /** The outputs, 32 bytes for each salt given; the caller's to wipe. `DeviceFault` when there are not as many. */
  hmacSecretOutputs(encrypted: Uint8Array, salts: number): Uint8Array[];
  /** Forgets shared secret and token; nothing works afterwards. */
  wipe(): void;
}

export const HMAC_SECRET_BYTES = 32;
const COORDINATE_BYTES = 32;
const SCALAR_BYTES = 32;
const KEY_BYTES = 32;
const PIN_HASH_BYTES = 16;
const MAC_BYTES_OF_ONE = 16;
const TOKEN_BYTES: Readonly<Record<PinUvProtocol, readonly number[]>> = { 1: [16, 32], 2: [32] };
/** One scalar in 2^32 is none of P-256; the second one that is not means that the generator is broken. */
const SCALAR_TRIES = 4;

/** Agrees with the security key that has this public key; `DeviceFault` when it is no point of P-256. */
export function createPlatformPinUv(
  protocol: PinUvProtocol,
  authenticatorKey: P256Point,
  random: Random,
): PlatformPinUv {
  const { shared, platformKey } = agree(authenticatorKey, random);
  const keys = deriveKeys(protocol, shared);
  let token: Uint8Array | null = null;
  let wiped = false;

  const alive = (): void => {
    if (wiped) throw new KeyholdError('Internal', 'The exchange with the security key has ended: start it again.');
  };
  const encrypt = (plaintext: Uint8Array): Uint8Array => {
    alive();
    if (protocol === 1) return encryptCbc(keys.aes, new Uint8Array(AES_BLOCK_BYTES), plaintext);
    const iv = random.bytes(AES_BLOCK_BYTES);
    return concat(iv, encryptCbc(keys.aes, iv, plaintext));
  };
  const decrypt = (encrypted: Uint8Array): Uint8Array | null => {
    alive();
    if (protocol === 1) return decryptCbc(keys.aes, new Uint8Array(AES_BLOCK_BYTES), encrypted);
    if (encrypted.length < AES_BLOCK_BYTES) return null;
    return decryptCbc(keys.aes, encrypted.subarray(0, AES_BLOCK_BYTES), encrypted.subarray(AES_BLOCK_BYTES));
  };
  const mac = (key: Uint8Array, message: Uint8Array): Uint8Array => {
    alive();
    const whole = hmacSha256(key, message);
    return protocol === 1 ? whole.slice(0, MAC_BYTES_OF_ONE) : whole;
  };
  const encryptPinHash = (pin: Uint8Array): Uint8Array => {
    const padded = padPin(pin);
    const hash = sha256(padded.bytes);
    try {
      return encrypt(hash.subarray(0, PIN_HASH_BYTES));
    } finally {
      wipe(padded.block, hash);
    }
  };
  const encryptNewPin = (pin: Uint8Array): Uint8Array => {
    const { block } = padPin(pin);
    try {
      return encrypt(block);
    } finally {
      wipe(block);
    }
  };

  return {
    protocol,
    platformKey,
    pinHash: (pin) => ({ pinHashEnc: encryptPinHash(pin) }),
    setPin(newPin) {
      const newPinEnc = encryptNewPin(newPin);
      return { newPinEnc, pinUvAuthParam: mac(keys.mac, newPinEnc) };
    },
    changePin(pin, newPin) {
      const newPinEnc = encryptNewPin(newPin);
      const pinHashEnc = encryptPinHash(pin);
      return { newPinEnc, pinHashEnc, pinUvAuthParam: mac(keys.mac, concat(newPinEnc, pinHashEnc)) };
    },
    acceptToken(encrypted) {
      const plain = decrypt(encrypted);
      if (plain === null || !TOKEN_BYTES[protocol].includes(plain.length)) {
        wipe(plain);
        throw new KeyholdError('DeviceFault', 'The security key sent a token of a wrong length: plug it in again.');
      }
      wipe(token);
      token = plain;
    },
    authenticate(message) {
      alive();
      if (token === null) throw new KeyholdError('PinRequired', 'Enter the PIN of the security key first.');
      return mac(token, message);
    },
    hmacSecretInput(salts) {
      if (salts.length < 1 || salts.length > 2 || salts.some(({ length }) => length !== HMAC_SECRET_BYTES)) {
        throw new RangeError('hmac-secret takes one or two salts of 32 bytes');
      }
      const saltEnc = encrypt(concat(...salts));
      return { saltEnc, saltAuth: mac(keys.mac, saltEnc) };
    },
    hmacSecretOutputs(encrypted, salts) {
      const plain = decrypt(encrypted);
      try {
        if (plain === null || plain.length !== salts * HMAC_SECRET_BYTES) {
          throw new KeyholdError('DeviceFault', 'The security key sent a secret of a wrong length: plug it in again.');
        }
        return Array.from({ length: salts }, (_, at) =>
          plain.slice(at * HMAC_SECRET_BYTES, (at + 1) * HMAC_SECRET_BYTES),
        );
      } finally {
        wipe(plain);
      }
    },
    wipe() {
      wiped = true;
      wipe(keys.aes, keys.mac, token);
      token = null;
    },
  };
}

/** ECDH on P-256: the x-coordinate of the shared point (CTAP 2.1, section 6.5.6). */
function agree(peer: P256Point, random: Random): { shared: Uint8Array; platformKey: P256Point } {
  const ecdh = createECDH('prime256v1');
  for (let tries = 1; ; tries += 1) {
    const scalar = random.bytes(SCALAR_BYTES);
    try {
      ecdh.setPrivateKey(scalar);
      break;
    } catch (error) {
      if (tries === SCALAR_TRIES) throw error;
    } finally {
      wipe(scalar);
    }
  }
  const own = new Uint8Array(ecdh.getPublicKey());
  const platformKey = { x: own.slice(1, 1 + COORDINATE_BYTES), y: own.slice(1 + COORDINATE_BYTES) };
  if (peer.x.length !== COORDINATE_BYTES || peer.y.length !== COORDINATE_BYTES) throw notAPoint();
  try {
    // Node refuses what is not on the curve.
    return { shared: ecdh.computeSecret(concat(Uint8Array.of(4), peer.x, peer.y)), platformKey };
  } catch {
    throw notAPoint();
  }
}

function notAPoint(): KeyholdError {
  return new KeyholdError('DeviceFault', 'The security key sent a key that is none: plug it in again.');
}

/** Takes and wipes the shared secret. */
function deriveKeys(protocol: PinUvProtocol, shared: Uint8Array): { aes: Uint8Array; mac: Uint8Array } {
  try {
    if (protocol === 1) {
      const both = sha256(shared);
      return { aes: both, mac: both };
    }
    const salt = new Uint8Array(KEY_BYTES);
    return {
      mac: hkdfSha256(shared, salt, utf8('CTAP2 HMAC key'), KEY_BYTES),
      aes: hkdfSha256(shared, salt, utf8('CTAP2 AES key'), KEY_BYTES),
    };
  } finally {
    wipe(shared);
  }
}
