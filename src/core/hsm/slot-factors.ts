import { fromBase64, toBase64 } from '../crypto/bytes.ts';
import { ARGON2_SALT_BYTES } from '../crypto/kdf.ts';
import { HIGHEST_SERIAL, LONGEST_CREDENTIAL_ID, LONGEST_PUBLIC_KEY, LONGEST_RP_ID } from './fido-limits.ts';
import type { Argon2Params } from './protocol.ts';

/** Factors that are a secret somebody knows. */
export type Factor = 'password' | 'recovery-code';
export const FACTORS: readonly Factor[] = ['password', 'recovery-code'];

const ARGON2_VERSION = 19;
export const HMAC_SECRET_SALT_BYTES = 32;
export const YUBIKEY_CHALLENGE_BYTES = 32;
/** That a slot asks for: one of each type. */
export const MOST_FACTORS = 4;

export interface ArgonFactor {
  type: Factor;
  cost: Argon2Params;
  salt: Uint8Array;
}

/** A FIDO2 security key by its hmac-secret extension (CTAP 2.1, section 12.5). */
export interface Fido2Factor {
  type: 'fido2';
  rpId: string;
  credentialId: Uint8Array;
  /** COSE_Key as the security key answered it: what its assertion has to verify with. */
  publicKey: Uint8Array;
  salt: Uint8Array;
  /** The security key has to have verified its person. Its output for this salt is another one without. */
  uv: boolean;
}

/** A slot of a YubiKey-like device that has an HMAC-SHA1 secret in it. */
export interface YubikeyFactor {
  type: 'yubikey-hmac-sha1';
  serial: number | null;
  otpSlot: 1 | 2;
  challenge: Uint8Array;
}

export type SlotFactor = ArgonFactor | Fido2Factor | YubikeyFactor;

/** What a descriptor says of a factor (docs/format.md, "Slots"); null for what no writer makes. */
export function readFactor(value: unknown): SlotFactor | null {
  if (!isObject(value)) return null;
  if (value['type'] === 'fido2') return readFido2(value);
  if (value['type'] === 'yubikey-hmac-sha1') return readYubikey(value);
  return readArgon(value);
}

export function writeFactor(factor: SlotFactor): Record<string, unknown> {
  switch (factor.type) {
    case 'fido2':
      return {
        type: factor.type,
        rpId: factor.rpId,
        credentialId: toBase64(factor.credentialId),
        publicKey: toBase64(factor.publicKey),
        salt: toBase64(factor.salt),
        uv: factor.uv,
      };
    case 'yubikey-hmac-sha1':
      return {
        type: factor.type,
        serial: factor.serial,
        slot: factor.otpSlot,
        challenge: toBase64(factor.challenge),
      };
    default:
      return {
        type: factor.type,
        kdf: 'argon2id',
        version: ARGON2_VERSION,
        memoryKiB: factor.cost.memoryKiB,
        passes: factor.cost.passes,
        parallelism: factor.cost.parallelism,
        salt: toBase64(factor.salt),
      };
  }
}

/**
 * Whether a slot may ask for exactly these: a recovery code stands alone, nothing is asked for twice, and a security key that alone opens the vault has to have verified
 * its person. That a YubiKey's HMAC-SHA1 may stand alone is the person's explicit choice when the slot is made.
 */
export function mayBeTogether(factors: readonly SlotFactor[]): boolean {
  const types = new Set(factors.map(({ type }) => type));
  if (factors.length === 0 || types.size !== factors.length) return false;
  if (types.has('recovery-code')) return factors.length === 1;
  const [only, ...others] = factors;
  return others.length > 0 || only?.type !== 'fido2' || only.uv;
}

function readArgon(value: Record<string, unknown>): ArgonFactor | null {
  const type = FACTORS.find((factor) => factor === value['type']);
  const { kdf, version, memoryKiB, passes, parallelism } = value;
  if (type === undefined || kdf !== 'argon2id' || version !== ARGON2_VERSION) return null;
  if (typeof memoryKiB !== 'number' || typeof passes !== 'number' || typeof parallelism !== 'number') return null;
  const salt = bytesIn(value['salt'], ARGON2_SALT_BYTES, ARGON2_SALT_BYTES);
  return salt === null ? null : { type, cost: { memoryKiB, passes, parallelism }, salt };
}

function readFido2(value: Record<string, unknown>): Fido2Factor | null {
  const { rpId, uv } = value;
  if (typeof rpId !== 'string' || rpId.length === 0 || rpId.length > LONGEST_RP_ID) return null;
  if (typeof uv !== 'boolean') return null;
  const credentialId = bytesIn(value['credentialId'], 1, LONGEST_CREDENTIAL_ID);
  const publicKey = bytesIn(value['publicKey'], 1, LONGEST_PUBLIC_KEY);
  const salt = bytesIn(value['salt'], HMAC_SECRET_SALT_BYTES, HMAC_SECRET_SALT_BYTES);
  if (credentialId === null || publicKey === null || salt === null) return null;
  return { type: 'fido2', rpId, credentialId, publicKey, salt, uv };
}

function readYubikey(value: Record<string, unknown>): YubikeyFactor | null {
  const { serial, slot } = value;
  if (serial !== null && !(Number.isInteger(serial) && Number(serial) >= 0 && Number(serial) <= HIGHEST_SERIAL)) {
    return null;
  }
  if (slot !== 1 && slot !== 2) return null;
  const challenge = bytesIn(value['challenge'], YUBIKEY_CHALLENGE_BYTES, YUBIKEY_CHALLENGE_BYTES);
  if (challenge === null) return null;
  return { type: 'yubikey-hmac-sha1', serial: serial === null ? null : Number(serial), otpSlot: slot, challenge };
}

function bytesIn(value: unknown, least: number, most: number): Uint8Array | null {
  const bytes = typeof value === 'string' ? fromBase64(value) : null;
  return bytes === null || bytes.length < least || bytes.length > most ? null : bytes;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
