import { openWithNonce, sealWithNonceInto, WITH_NONCE_OVERHEAD } from '../crypto/aead.ts';
import { concat, u32, u64, utf8 } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import { hmacSha256 } from '../crypto/hmac.ts';
import { packedRowBytes, rowParts } from '../crypto/packed-audit.ts';
import type { SecretKey } from '../crypto/secret-key.ts';
import { sha256 } from '../crypto/sha256.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Random } from '../ports.ts';
import type { VaultKeys } from './state.ts';

/** docs/format.md, "Audit log". */
export const AUDIT_HASH_BYTES = 32;
const AUDIT_LABEL = utf8('keyhold/v1/audit');

export interface AuditRow {
  seq: number;
  sealed: Uint8Array;
  hash: Uint8Array;
  mac: Uint8Array;
}

/** Seals, hashes and MACs events that follow `previousHash`, whose number is `seq`; packed as they cross the channel (packed-audit.ts), with the last one's hash. */
export function chainAuditEvents(
  keys: VaultKeys,
  nonces: Random,
  { seq, previousHash }: { seq: number; previousHash: Uint8Array },
  events: readonly Uint8Array[],
): { packed: Uint8Array; lastHash: Uint8Array } {
  const size = (event: Uint8Array): number => packedRowBytes(event.length + WITH_NONCE_OVERHEAD);
  const packed = new Uint8Array(events.reduce((sum, event) => sum + size(event), 0));
  let lastHash = previousHash;
  let at = 0;
  for (const [index, event] of events.entries()) {
    const number = seq + 1 + index;
    const row = rowParts(packed, at, event.length + WITH_NONCE_OVERHEAD);
    lastHash = auditHash(keys, number, lastHash, event);
    sealWithNonceInto(row.sealed, nonces, { key: keys.auditSeal, aad: auditAad(keys, number), plaintext: event });
    row.hash.set(lastHash);
    row.mac.set(hmacSha256(keys.auditMac, lastHash));
    at += size(event);
  }
  return { packed, lastHash };
}

export type OpenedAuditRow = { event: Uint8Array } | { broken: 'chain' | 'mac' | 'sealed' };

/** Opens one row; `previousHash` null leaves its link to the row before unchecked. */
export function openAuditRow(keys: VaultKeys, row: AuditRow, previousHash: Uint8Array | null): OpenedAuditRow {
  const { seal, mac } = logKeysOf(keys, row.seq);
  if (!equal(hmacSha256(mac, row.hash), row.mac)) return { broken: 'mac' };
  const event = openWithNonce(seal, auditAad(keys, row.seq), row.sealed);
  if (event === null) return { broken: 'sealed' };
  if (previousHash !== null && !equal(auditHash(keys, row.seq, previousHash, event), row.hash)) {
    wipe(event);
    return { broken: 'chain' };
  }
  return { event };
}

/** An entry has the keys of its time, and of no other: those of a root key that was replaced make no new ones. */
function logKeysOf({ pastLogs, auditSeal, auditMac }: VaultKeys, seq: number): { seal: SecretKey; mac: SecretKey } {
  return pastLogs.find(({ lastSeq }) => seq <= lastSeq) ?? { seal: auditSeal, mac: auditMac };
}

function auditHash(keys: VaultKeys, seq: number, previousHash: Uint8Array, event: Uint8Array): Uint8Array {
  return sha256(concat(AUDIT_LABEL, keys.vaultId, previousHash, u64(seq), u32(event.length), event));
}

function auditAad(keys: VaultKeys, seq: number): Uint8Array {
  return concat(AUDIT_LABEL, keys.vaultId, u64(seq));
}
