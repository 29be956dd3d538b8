import { KeyholdError } from '../../contract/errors.ts';
import { openWithNonce, sealWithNonce } from '../crypto/aead.ts';
import { concat, lp, readU64, u32, u64, utf8 } from '../crypto/bytes.ts';
import { hkdfSha256 } from '../crypto/kdf.ts';
import { type SecretKey, secretKey } from '../crypto/secret-key.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Random } from '../ports.ts';
import type { KekRow } from './protocol.ts';
import type { Kek, PastLog, VaultKeys } from './state.ts';

export const KEY_BYTES = 32;
export const VAULT_ID_BYTES = 16;
/** u64(last entry) || sealing key || MAC key */
const PAST_LOG_BYTES = 8 + 2 * KEY_BYTES;
const KEK_AAD = utf8('keyhold/v1/kek');

type Purpose =
  | 'kek-wrap'
  | 'manifest'
  | 'audit-seal'
  | 'audit-mac'
  | 'locked-log'
  | 'locked-log-pair'
  | 'material-id'
  | 'page-token';

/** docs/format.md, "Keys": HKDF(root key, salt = vault id, info = "keyhold/v1/" || purpose, 32). Owned by the caller. */
export function purposeBytes(rootKey: Uint8Array, vaultId: Uint8Array, purpose: Purpose): Uint8Array {
  return hkdfSha256(rootKey, vaultId, utf8(`keyhold/v1/${purpose}`), KEY_BYTES);
}

function purposeKey(rootKey: Uint8Array, vaultId: Uint8Array, purpose: Purpose): SecretKey {
  const bytes = purposeBytes(rootKey, vaultId, purpose);
  try {
    return secretKey(bytes);
  } finally {
    wipe(bytes);
  }
}

export function manifestKey(rootKey: Uint8Array, vaultId: Uint8Array): SecretKey {
  return purposeKey(rootKey, vaultId, 'manifest');
}

function kekAad(vaultId: Uint8Array, row: Omit<KekRow, 'wrapped'>): Uint8Array {
  return concat(KEK_AAD, vaultId, u32(row.id), lp(utf8(row.purpose)), u64(row.createdAt));
}

/** Wraps and opens the rows of `keks` under one root key. */
export interface KekWrap {
  wrap(row: Omit<KekRow, 'wrapped'>, bytes: Uint8Array): KekRow;
  /** The caller's to wipe; null when it does not open. */
  open(row: KekRow): Uint8Array | null;
}

export function kekWrap(rootKey: Uint8Array, vaultId: Uint8Array, random: Random): KekWrap {
  const key = purposeKey(rootKey, vaultId, 'kek-wrap');
  return {
    wrap: ({ id, purpose, createdAt }, bytes) => {
      const row = { id, purpose, createdAt };
      return { ...row, wrapped: sealWithNonce(key, random, kekAad(vaultId, row), bytes) };
    },
    open: (row) => openWithNonce(key, kekAad(vaultId, row), row.wrapped),
  };
}

/** A new random KEK, wrapped for the `keks` table. */
export function makeKek(
  rootKey: Uint8Array,
  vaultId: Uint8Array,
  random: Random,
  row: Omit<KekRow, 'wrapped'>,
): KekRow {
  const kek = random.bytes(KEY_BYTES);
  try {
    return kekWrap(rootKey, vaultId, random).wrap(row, kek);
  } finally {
    wipe(kek);
  }
}

/** What this root key's time leaves behind of the audit log, as a row of `keks` holds it. The caller's to wipe. */
export function pastLogBytes(rootKey: Uint8Array, vaultId: Uint8Array, lastSeq: number): Uint8Array {
  const seal = purposeBytes(rootKey, vaultId, 'audit-seal');
  const mac = purposeBytes(rootKey, vaultId, 'audit-mac');
  try {
    return concat(u64(lastSeq), seal, mac);
  } finally {
    wipe(seal, mac);
  }
}

function pastLogOf(bytes: Uint8Array): PastLog | null {
  const lastSeq = readU64(bytes, 0);
  if (lastSeq === null) return null;
  return {
    lastSeq,
    seal: secretKey(bytes.subarray(8, 8 + KEY_BYTES)),
    mac: secretKey(bytes.subarray(8 + KEY_BYTES)),
  };
}

/** What the rows of `keks` hold. */
interface Opened {
  keks: Map<number, Kek>;
  pastLogs: PastLog[];
  naming: Uint8Array | null;
}

/** Takes what a row holds; false when that is not what a row of its purpose holds. */
function take(opened: Opened, { id, purpose }: KekRow, bytes: Uint8Array): boolean {
  if (bytes.length !== (purpose === 'log' ? PAST_LOG_BYTES : KEY_BYTES)) return false;
  if (purpose === 'log') {
    const log = pastLogOf(bytes);
    if (log !== null) opened.pastLogs.push(log);
    return log !== null;
  }
  if (purpose === 'naming') {
    if (opened.naming !== null) return false;
    opened.naming = Uint8Array.from(bytes);
    return true;
  }
  opened.keks.set(id, { id, purpose, key: secretKey(bytes) });
  return true;
}

/**
 * Derives the purpose keys and opens every KEK; takes over `rootKey`. A KEK that does not open is `VaultTampered`, or, when
 * inspecting, left out so that the records under it show as broken.
 */
export function openVaultKeys(
  rootKey: Uint8Array,
  vaultId: Uint8Array,
  rows: readonly KekRow[],
  inspecting: boolean,
): VaultKeys {
  const wrapKey = purposeKey(rootKey, vaultId, 'kek-wrap');
  const opened: Opened = { keks: new Map(), pastLogs: [], naming: null };
  for (const row of rows) {
    const bytes = openWithNonce(wrapKey, kekAad(vaultId, row), row.wrapped);
    try {
      if ((bytes === null || !take(opened, row, bytes)) && !inspecting) throw kekTampered(`kek ${row.id}`);
    } finally {
      wipe(bytes);
    }
  }
  const { keks, pastLogs, naming } = opened;
  return {
    vaultId: new Uint8Array(vaultId),
    rootKey,
    manifest: manifestKey(rootKey, vaultId),
    auditSeal: purposeKey(rootKey, vaultId, 'audit-seal'),
    auditMac: purposeKey(rootKey, vaultId, 'audit-mac'),
    pastLogs: pastLogs.sort((a, b) => a.lastSeq - b.lastSeq),
    lockedLog: purposeKey(rootKey, vaultId, 'locked-log'),
    materialId: naming === null ? purposeKey(rootKey, vaultId, 'material-id') : secretKey(naming),
    naming,
    pageToken: purposeKey(rootKey, vaultId, 'page-token'),
    keks,
  };
}

/** The key by which this vault names key material, as bytes. The caller's to wipe. */
export function namingBytes({ naming, rootKey, vaultId }: VaultKeys): Uint8Array {
  return naming === null ? purposeBytes(rootKey, vaultId, 'material-id') : Uint8Array.from(naming);
}

/** The KEK of this purpose with the highest id: what new versions are sealed under. */
export function currentKek(keys: VaultKeys, purpose: Kek['purpose']): Kek {
  let current: Kek | undefined;
  for (const kek of keys.keks.values()) {
    if (kek.purpose === purpose && (current === undefined || kek.id > current.id)) current = kek;
  }
  if (current === undefined) throw kekTampered(`keks for ${purpose}`);
  return current;
}

export function kekTampered(where: string): KeyholdError {
  return new KeyholdError('VaultTampered', 'A key-encryption key of this vault does not open. Restore a backup.', {
    findings: [{ where, what: 'edited' }],
  });
}
