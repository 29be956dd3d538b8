import { NONCE_BYTES, openAead, sealAead, TAG_BYTES } from '../crypto/aead.ts';
import { readU32, u32, utf8 } from '../crypto/bytes.ts';
import { secretKey } from '../crypto/secret-key.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Random } from '../ports.ts';
import { isSealedKind, type RecordKind } from './kinds.ts';
import type { Kek, VaultKeys } from './state.ts';
import { KEY_BYTES } from './vault-keys.ts';

/** docs/format.md, "Sealed record". */
const LAYOUT_VERSION = 1;
const HEADER_BYTES = 5;
const WRAPPED_DEK_AT = HEADER_BYTES + NONCE_BYTES;
const PAYLOAD_NONCE_AT = WRAPPED_DEK_AT + KEY_BYTES + TAG_BYTES;
const PAYLOAD_AT = PAYLOAD_NONCE_AT + NONCE_BYTES;
/** Two nonces and a data key: what sealing one record asks of the generator. */
export const SEALING_RANDOM_BYTES = 2 * NONCE_BYTES + KEY_BYTES;
const DEK_LABEL = utf8('keyhold/v1/dek');
const RECORD_LABEL = utf8('keyhold/v1/record');

export interface RecordName {
  /** 32 hex digits. */
  id: string;
  kind: RecordKind;
  version: number;
}

/** Longest AAD: label, context with the longest kind, first 65 bytes. */
const AAD_ROOM = 256;
/**
 * One buffer for every AAD, which is no secret and lives for one synchronous call: opening ten thousand records at unlock spends
 * more time allocating small arrays than decrypting.
 */
const aadRoom = Buffer.alloc(AAD_ROOM);

/** label || vault id || lp(kind) || record id || u64(version) || start of the sealed bytes. */
function aadOf(
  label: Uint8Array,
  vaultId: Uint8Array,
  record: RecordName,
  start: Uint8Array,
  startBytes: number,
): Buffer {
  aadRoom.set(label);
  let at = label.length;
  aadRoom.set(vaultId, at);
  at += vaultId.length;
  at = aadRoom.writeUInt32BE(record.kind.length, at);
  at += aadRoom.write(record.kind, at, 'latin1'); // kinds are ASCII
  at += aadRoom.write(record.id, at, 'hex');
  at = aadRoom.writeBigUInt64BE(BigInt(record.version), at);
  for (let index = 0; index < startBytes; index++) aadRoom[at++] = start[index] ?? 0;
  return aadRoom.subarray(0, at);
}

/** Seals one record version under a fresh data key. */
export function sealRecord(
  keys: VaultKeys,
  kek: Kek,
  random: Random,
  record: RecordName,
  plaintext: Uint8Array,
): Uint8Array {
  const sealed = new Uint8Array(PAYLOAD_AT + plaintext.length + TAG_BYTES);
  sealed[0] = LAYOUT_VERSION;
  sealed.set(u32(kek.id), 1);
  const fresh = random.bytes(SEALING_RANDOM_BYTES);
  const dekNonce = fresh.subarray(0, NONCE_BYTES);
  const payloadNonce = fresh.subarray(NONCE_BYTES, 2 * NONCE_BYTES);
  const dek = fresh.subarray(2 * NONCE_BYTES);
  try {
    sealed.set(dekNonce, HEADER_BYTES);
    const dekAad = aadOf(DEK_LABEL, keys.vaultId, record, sealed, HEADER_BYTES);
    sealed.set(sealAead(kek.key, dekNonce, dekAad, dek), WRAPPED_DEK_AT);
    sealed.set(payloadNonce, PAYLOAD_NONCE_AT);
    const payloadAad = aadOf(RECORD_LABEL, keys.vaultId, record, sealed, PAYLOAD_NONCE_AT);
    sealed.set(sealAead(secretKey(dek), payloadNonce, payloadAad, plaintext), PAYLOAD_AT);
    return sealed;
  } finally {
    wipe(dek);
  }
}

/** The payload, owned by the caller; null when anything about the record does not fit. Objects and HSM users open under `objects` KEKs only. */
export function openRecord(keys: VaultKeys, record: RecordName, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < PAYLOAD_AT + TAG_BYTES || sealed[0] !== LAYOUT_VERSION) return null;
  const kekId = readU32(sealed, 1);
  const kek = keys.keks.get(kekId);
  if (kek?.purpose !== (isSealedKind(record.kind) ? 'objects' : 'records')) return null;
  const dek = openAead(
    kek.key,
    sealed.subarray(HEADER_BYTES, WRAPPED_DEK_AT),
    aadOf(DEK_LABEL, keys.vaultId, record, sealed, HEADER_BYTES),
    sealed.subarray(WRAPPED_DEK_AT, PAYLOAD_NONCE_AT),
  );
  if (dek === null) return null;
  try {
    return openAead(
      secretKey(dek),
      sealed.subarray(PAYLOAD_NONCE_AT, PAYLOAD_AT),
      aadOf(RECORD_LABEL, keys.vaultId, record, sealed, PAYLOAD_NONCE_AT),
      sealed.subarray(PAYLOAD_AT),
    );
  } finally {
    wipe(dek);
  }
}

/** The last 16 bytes: what a manifest entry repeats. */
export function tagOf(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(sealed.length - TAG_BYTES);
}
