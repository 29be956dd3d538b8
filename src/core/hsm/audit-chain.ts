import { openWithNonce, sealWithNonce } from '../crypto/aead.ts';
import { concat, lp, u64, utf8 } from '../crypto/bytes.ts';
import { equal } from '../crypto/equal.ts';
import { hmacSha256 } from '../crypto/hmac.ts';
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

export function chainAuditEvent(
  keys: VaultKeys,
  random: Random,
  seq: number,
  previousHash: Uint8Array,
  event: Uint8Array,
): AuditRow {
  const hash = auditHash(keys, seq, previousHash, event);
  return {
    seq,
    sealed: sealWithNonce(keys.auditSeal, random, auditAad(keys, seq), event),
    hash,
    mac: hmacSha256(keys.auditMac, hash),
  };
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
  return sha256(AUDIT_LABEL, keys.vaultId, previousHash, u64(seq), lp(event));
}

function auditAad(keys: VaultKeys, seq: number): Uint8Array {
  return concat(AUDIT_LABEL, keys.vaultId, u64(seq));
}
