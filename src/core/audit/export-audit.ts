import type { Input, Result } from '../../contract/methods.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Vault } from '../vault/store.ts';
import { hashBefore, readWindow } from './read-window.ts';

/** Rows opened by one call to the HSM. */
const BATCH = 1000;

/**
 * Entries after `afterSeq`, oldest first, with hashes and MACs (contract `audit.export`). `previousHash` (hex) is what the first of
 * them continues, so that windows can be joined and checked without the vault; empty when the entry before it is missing. What does not verify is in its place, marked
 * `broken`.
 */
export async function exportAudit(vault: Vault, query: Input<'audit.export'>): Promise<Result<'audit.export'>> {
  const end = vault.auditEnd.seq;
  const after = Math.min(Math.max(0, query.afterSeq), end);
  const last = Math.min(end, after + query.limit);
  const entries: Result<'audit.export'>['entries'] = [];
  for (let first = after + 1; first <= last; first += BATCH) {
    entries.push(...(await readWindow(vault, first, Math.min(last, first + BATCH - 1))));
  }
  return { entries, previousHash: toHex(hashBefore(vault, after + 1) ?? new Uint8Array()), done: last === end };
}
