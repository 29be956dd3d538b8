import { KeyholdError } from '../../contract/errors.ts';
import { openWithNonce, sealWithNonce } from '../crypto/aead.ts';
import { concat, lp, u32, u64, utf8 } from '../crypto/bytes.ts';
import { hkdfSha256 } from '../crypto/kdf.ts';
import { type SecretKey, secretKey } from '../crypto/secret-key.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Random } from '../ports.ts';
import type { KekRow } from './protocol.ts';
import type { Kek, VaultKeys } from './state.ts';

export const KEY_BYTES = 32;
export const VAULT_ID_BYTES = 16;
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

/** A new random KEK, wrapped for the `keks` table. */
export function makeKek(
  rootKey: Uint8Array,
  vaultId: Uint8Array,
  random: Random,
  row: Omit<KekRow, 'wrapped'>,
): KekRow {
  const kek = random.bytes(KEY_BYTES);
  try {
    const wrapKey = purposeKey(rootKey, vaultId, 'kek-wrap');
    return { ...row, wrapped: sealWithNonce(wrapKey, random, kekAad(vaultId, row), kek) };
  } finally {
    wipe(kek);
  }
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
  const keks = new Map<number, Kek>();
  for (const row of rows) {
    const bytes = openWithNonce(wrapKey, kekAad(vaultId, row), row.wrapped);
    if (bytes !== null && bytes.length === KEY_BYTES) {
      keks.set(row.id, { id: row.id, purpose: row.purpose, key: secretKey(bytes) });
      wipe(bytes);
    } else if (!inspecting) {
      throw kekTampered(`kek ${row.id}`);
    }
  }
  return {
    vaultId: new Uint8Array(vaultId),
    rootKey,
    manifest: manifestKey(rootKey, vaultId),
    auditSeal: purposeKey(rootKey, vaultId, 'audit-seal'),
    auditMac: purposeKey(rootKey, vaultId, 'audit-mac'),
    lockedLog: purposeKey(rootKey, vaultId, 'locked-log'),
    materialId: purposeKey(rootKey, vaultId, 'material-id'),
    pageToken: purposeKey(rootKey, vaultId, 'page-token'),
    keks,
  };
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

function kekTampered(where: string): KeyholdError {
  return new KeyholdError('VaultTampered', 'A key-encryption key of this vault does not open. Restore a backup.', {
    findings: [{ where, what: 'edited' }],
  });
}
