import { openWithNonce, sealWithNonce } from '../crypto/aead.ts';
import { concat, fromBase64, lp, toBase64, utf8 } from '../crypto/bytes.ts';
import { ARGON2_SALT_BYTES, argon2id, hkdfSha256, isAcceptableArgon2Cost } from '../crypto/kdf.ts';
import { type SecretKey, secretKey } from '../crypto/secret-key.ts';
import { sha256 } from '../crypto/sha256.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Random } from '../ports.ts';
import type { Argon2Params, SlotRow } from './protocol.ts';
import { KEY_BYTES } from './vault-keys.ts';

export type Factor = 'password' | 'recovery-code';
export const FACTORS: readonly Factor[] = ['password', 'recovery-code'];

const SLOT_LABEL = utf8('keyhold/v1/slot');
const ARGON2_VERSION = 19;

export interface SlotFactor {
  type: Factor;
  cost: Argon2Params;
  salt: Uint8Array;
}

/** What a slot takes. `outOfBounds` slots have Argon2id parameters that no writer would choose: never derived. */
export type SlotReading = { usable: true; factors: SlotFactor[] } | { usable: false; outOfBounds: boolean };

const UNUSABLE: SlotReading = { usable: false, outOfBounds: false };

/** Reads a descriptor (docs/format.md, "Slots"). Never throws: what it cannot read is unusable. */
export function readSlot(descriptor: Uint8Array): SlotReading {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(descriptor));
  } catch {
    return UNUSABLE;
  }
  if (!isObject(json) || json['v'] !== 1 || !Array.isArray(json['factors']) || json['factors'].length === 0) {
    return UNUSABLE;
  }
  const factors: SlotFactor[] = [];
  for (const value of json['factors']) {
    const factor = readFactor(value);
    if (factor === null) return UNUSABLE;
    if (!isAcceptableArgon2Cost(factor.cost)) return { usable: false, outOfBounds: true };
    factors.push(factor);
  }
  return { usable: true, factors };
}

function readFactor(value: unknown): SlotFactor | null {
  if (!isObject(value)) return null;
  const type = FACTORS.find((factor) => factor === value['type']);
  const { kdf, version, memoryKiB, passes, parallelism, salt } = value;
  if (type === undefined || kdf !== 'argon2id' || version !== ARGON2_VERSION) return null;
  if (typeof memoryKiB !== 'number' || typeof passes !== 'number' || typeof parallelism !== 'number') return null;
  const saltBytes = typeof salt === 'string' ? fromBase64(salt) : null;
  if (saltBytes === null || saltBytes.length !== ARGON2_SALT_BYTES) return null;
  return { type, cost: { memoryKiB, passes, parallelism }, salt: saltBytes };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export interface NewSlot {
  /** 16 hex digits. */
  id: string;
  label: string;
  createdAt: number;
  factor: Factor;
  cost: Argon2Params;
}

/** Wraps the root key under one factor. `secret` is the factor's Argon2id input. */
export async function makeSlot(
  random: Random,
  vaultId: Uint8Array,
  rootKey: Uint8Array,
  secret: Uint8Array,
  slot: NewSlot,
): Promise<SlotRow> {
  const salt = random.bytes(ARGON2_SALT_BYTES);
  const descriptor = utf8(
    JSON.stringify({
      v: 1,
      id: slot.id,
      label: slot.label,
      createdAt: slot.createdAt,
      factors: [
        {
          type: slot.factor,
          kdf: 'argon2id',
          version: ARGON2_VERSION,
          memoryKiB: slot.cost.memoryKiB,
          passes: slot.cost.passes,
          parallelism: slot.cost.parallelism,
          salt: toBase64(salt),
        },
      ],
    }),
  );
  const output = await argon2id(secret, salt, slot.cost);
  try {
    const key = slotKey([output], vaultId, descriptor);
    return { descriptor, wrapped: sealWithNonce(key, random, slotAad(vaultId, descriptor), rootKey) };
  } finally {
    wipe(output);
  }
}

/** The root key that a slot of exactly one factor wraps, if this secret opens it. Spends one Argon2id. */
export async function openSlot(
  row: SlotRow,
  factor: SlotFactor,
  vaultId: Uint8Array,
  secret: Uint8Array,
): Promise<Uint8Array | null> {
  const output = await argon2id(secret, factor.salt, factor.cost);
  try {
    const key = slotKey([output], vaultId, row.descriptor);
    const rootKey = openWithNonce(key, slotAad(vaultId, row.descriptor), row.wrapped);
    if (rootKey === null || rootKey.length === KEY_BYTES) return rootKey;
    wipe(rootKey);
    return null;
  } finally {
    wipe(output);
  }
}

function slotKey(outputs: Uint8Array[], vaultId: Uint8Array, descriptor: Uint8Array): SecretKey {
  const ikm = concat(...outputs);
  const bytes = hkdfSha256(ikm, vaultId, concat(SLOT_LABEL, sha256(descriptor)), KEY_BYTES);
  try {
    return secretKey(bytes);
  } finally {
    wipe(ikm, bytes);
  }
}

function slotAad(vaultId: Uint8Array, descriptor: Uint8Array): Uint8Array {
  return concat(SLOT_LABEL, vaultId, lp(descriptor));
}
