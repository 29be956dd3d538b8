import { openWithNonce, sealWithNonce } from '../crypto/aead.ts';
import { concat, lp, utf8 } from '../crypto/bytes.ts';
import { ARGON2_SALT_BYTES, argon2id, hkdfSha256, isAcceptableArgon2Cost } from '../crypto/kdf.ts';
import { type SecretKey, secretKey } from '../crypto/secret-key.ts';
import { sha256 } from '../crypto/sha256.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Random } from '../ports.ts';
import type { Argon2Params, SlotRow } from './protocol.ts';
import {
  type ArgonFactor,
  type Factor,
  isObject,
  mayBeTogether,
  readFactor,
  type SlotFactor,
  writeFactor,
} from './slot-factors.ts';
import { KEY_BYTES } from './vault-keys.ts';

const SLOT_LABEL = utf8('keyhold/v1/slot');

/** What a slot takes. `outOfBounds` slots have Argon2id parameters that no writer would choose: never derived. */
export type SlotReading = { usable: true; id: string; factors: SlotFactor[] } | { usable: false; outOfBounds: boolean };

const UNUSABLE: SlotReading = { usable: false, outOfBounds: false };

/** Reads a descriptor (docs/format.md, "Slots"). Never throws: what it cannot read is unusable. */
export function readSlot(descriptor: Uint8Array): SlotReading {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(descriptor));
  } catch {
    return UNUSABLE;
  }
  if (!isObject(json) || json['v'] !== 1 || !Array.isArray(json['factors'])) return UNUSABLE;
  const factors: SlotFactor[] = [];
  for (const value of json['factors']) {
    const factor = readFactor(value);
    if (factor === null) return UNUSABLE;
    if (isArgon(factor) && !isAcceptableArgon2Cost(factor.cost)) return { usable: false, outOfBounds: true };
    factors.push(factor);
  }
  if (!mayBeTogether(factors)) return UNUSABLE;
  return { usable: true, id: typeof json['id'] === 'string' ? json['id'] : '', factors };
}

export function isArgon(factor: SlotFactor): factor is ArgonFactor {
  return factor.type === 'password' || factor.type === 'recovery-code';
}

export interface NewSlot {
  /** 16 hex digits. */
  id: string;
  label: string;
  createdAt: number;
}

/** Wraps the root key under what these factors answer, `outputs` in the order of `factors`. */
export function wrapSlot(
  random: Random,
  vaultId: Uint8Array,
  rootKey: Uint8Array,
  { id, label, createdAt }: NewSlot,
  factors: readonly SlotFactor[],
  outputs: readonly Uint8Array[],
): SlotRow {
  const descriptor = utf8(JSON.stringify({ v: 1, id, label, createdAt, factors: factors.map(writeFactor) }));
  const key = slotKey(outputs, vaultId, descriptor);
  return { descriptor, wrapped: sealWithNonce(key, random, slotAad(vaultId, descriptor), rootKey) };
}

/** The root key that the slot wraps, if these are what its factors answer, in the order of its descriptor. */
export function unwrapSlot(row: SlotRow, vaultId: Uint8Array, outputs: readonly Uint8Array[]): Uint8Array | null {
  const key = slotKey(outputs, vaultId, row.descriptor);
  const rootKey = openWithNonce(key, slotAad(vaultId, row.descriptor), row.wrapped);
  if (rootKey === null || rootKey.length === KEY_BYTES) return rootKey;
  wipe(rootKey);
  return null;
}

/** A slot whose factors have answered: the same way in, with the same descriptor and factors, to another root key. */
export interface ProvedSlot {
  row: SlotRow;
  rewrap(random: Random, rootKey: Uint8Array): SlotRow;
}

/** `outputs` are what its factors answered, and the caller's to wipe. */
export function provedSlot(row: SlotRow, vaultId: Uint8Array, outputs: readonly Uint8Array[]): ProvedSlot {
  const { descriptor } = row;
  const key = slotKey(outputs, vaultId, descriptor);
  return {
    row,
    rewrap: (random, rootKey) => ({
      descriptor,
      wrapped: sealWithNonce(key, random, slotAad(vaultId, descriptor), rootKey),
    }),
  };
}

/** A new factor of this kind, and what it answers to `secret`: the caller's to wipe. Spends one Argon2id. */
export async function newArgonFactor(
  random: Random,
  type: Factor,
  secret: Uint8Array,
  cost: Argon2Params,
): Promise<{ factor: ArgonFactor; output: Uint8Array }> {
  const salt = random.bytes(ARGON2_SALT_BYTES);
  return { factor: { type, cost, salt }, output: await argon2id(secret, salt, cost) };
}

/** Wraps the root key under one factor. `secret` is the factor's Argon2id input. */
export async function makeSlot(
  random: Random,
  vaultId: Uint8Array,
  rootKey: Uint8Array,
  secret: Uint8Array,
  slot: NewSlot & { factor: Factor; cost: Argon2Params },
): Promise<SlotRow> {
  const { factor, output } = await newArgonFactor(random, slot.factor, secret, slot.cost);
  try {
    return wrapSlot(random, vaultId, rootKey, slot, [factor], [output]);
  } finally {
    wipe(output);
  }
}

/** The root key that a slot of exactly one factor wraps, if this secret opens it. Spends one Argon2id. */
export async function openSlot(
  row: SlotRow,
  factor: ArgonFactor,
  vaultId: Uint8Array,
  secret: Uint8Array,
): Promise<Uint8Array | null> {
  const output = await argon2id(secret, factor.salt, factor.cost);
  try {
    return unwrapSlot(row, vaultId, [output]);
  } finally {
    wipe(output);
  }
}

function slotKey(outputs: readonly Uint8Array[], vaultId: Uint8Array, descriptor: Uint8Array): SecretKey {
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
