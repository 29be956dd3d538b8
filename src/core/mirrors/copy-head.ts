import { statSync } from 'node:fs';
import { concat, lp, u64, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/sha256.ts';
import { identity } from '../vault/file.ts';
import { corrupt } from '../vault/findings.ts';
import type { RowWrite } from '../vault/row-writes.ts';
import type { Rows } from '../vault/rows.ts';
import { META_KEYS } from '../vault/schema.ts';
import type { CopyHead } from './protocol.ts';

/** More rows of the locked vault than there ever are. */
const MOST_PENDING = 10_001;

/** What is known of a copy from its rows. */
export type RowsHead = Omit<CopyHead, 'sizeBytes' | 'key'>;

/** Reads a copy's head from its open file. Throws `VaultCorrupt`. */
export function readCopyHead(rows: Rows, path: string): CopyHead {
  return { ...readRowsHead(rows), sizeBytes: statSync(path).size, key: identity(path) };
}

export function readRowsHead(rows: Rows): RowsHead {
  const { generation, mac, auditSeq, auditHash } = rows.head();
  const vaultId = rows.meta('vault_id');
  if (vaultId?.length !== 16) throw corrupt('meta vault_id', 'it is missing');
  return { vaultId, generation, headMac: mac, auditSeq, auditHash, rest: restOf(rows) };
}

function metaOf(rows: Rows): { key: string; value: Uint8Array }[] {
  return rows
    .metaKeys()
    .sort()
    .map((key) => ({ key, value: rows.meta(key) ?? new Uint8Array() }));
}

/** SHA-256 over what no MAC covers. */
function restOf(rows: Rows): Uint8Array {
  const meta = metaOf(rows).flatMap(({ key, value }) => [lp(utf8(key)), lp(value)]);
  const pending = rows.pending(MOST_PENDING).flatMap(({ seq, sealed }) => [u64(seq), lp(sealed)]);
  return sha256(concat(...meta, u64(meta.length), ...pending));
}

/** What makes that part of another copy the same as here; null where it is damaged here, and would damage the copy too. */
export function restWrites(rows: Rows): RowWrite[] | null {
  const meta = metaOf(rows);
  if (meta.some(({ key }) => !META_KEYS.has(key))) return null;
  const gone = [...META_KEYS].filter((key) => !meta.some((one) => one.key === key));
  return [
    ...gone.map((key): RowWrite => ['removeMeta', key]),
    ...meta.map(({ key, value }): RowWrite => ['setMeta', key, value]),
    ['clearPending'],
    ...rows.pending(MOST_PENDING).map((row): RowWrite => ['putPending', row]),
  ];
}
