import type { Input, Result } from '../../contract/methods.ts';
import type { AuditEntry, AuditEvent } from '../../contract/schemas.ts';
import { finding, tampered } from '../vault/findings.ts';
import type { StoredAudit } from '../vault/rows.ts';
import type { Vault } from '../vault/store.ts';
import { findGap, openAuditRows } from './open-audit-rows.ts';

const PAGE = 256;
/** Rows looked at by one call with a filter; the answer's `nextBefore` goes on from there. */
const SCAN_AT_MOST = 20 * PAGE;

type Query = Input<'audit.list'>;

function matcher(query: Query): (event: AuditEvent) => boolean {
  const text = query.text?.toLowerCase();
  const exact = (wanted: string | undefined, value: string | undefined) => wanted === undefined || wanted === value;
  return (event) =>
    exact(query.decision, event.decision) &&
    exact(query.kind, event.kind) &&
    exact(query.client, event.client) &&
    exact(query.profile, event.profile) &&
    exact(query.account, event.account) &&
    exact(query.service, event.service) &&
    (query.since === undefined || Date.parse(event.time) >= Date.parse(query.since)) &&
    (text === undefined ||
      [event.action, event.client, event.profile, event.service, event.reason, event.target].some((field) =>
        field?.toLowerCase().includes(text),
      ));
}

/** Verified entries `first`…`last` (ascending). Every link is checked, also the one to the entry before the window. */
export async function readWindow(vault: Vault, first: number, last: number): Promise<AuditEntry[]> {
  const rows = vault.rows.auditAfter(first - 1, last - first + 1);
  const gap = findGap(rows, first);
  const short = rows.length < last - first + 1;
  if (gap !== null || short) {
    const seq = gap?.seq ?? first + rows.length;
    throw tampered([finding(`audit entry ${seq}`, 'deleted', 'it is missing from the log')]);
  }
  checkEnd(vault, rows);
  return openAuditRows(vault.hsm, rows, hashBefore(vault, first));
}

/** The last entry must be the one that the head names. */
function checkEnd(vault: Vault, rows: readonly StoredAudit[]): void {
  const last = rows.at(-1);
  const end = vault.auditEnd;
  if (last === undefined || last.seq !== end.seq) return;
  if (Buffer.compare(last.hash, end.hash) !== 0) {
    throw tampered([finding(`audit entry ${last.seq}`, 'edited', 'its hash is not the one in the head')]);
  }
}

/** Hash of the entry before `seq`; 32 zero bytes before the first. */
export function hashBefore(vault: Vault, seq: number): Uint8Array {
  if (seq <= 1) return new Uint8Array(32);
  const row = vault.rows.auditAfter(seq - 2, 1)[0];
  if (row?.seq !== seq - 1) {
    throw tampered([finding(`audit entry ${seq - 1}`, 'deleted', 'it is missing from the log')]);
  }
  return row.hash;
}

/**
 * Entries newest first (contract `audit.list`). A filter looks at a bounded number of rows per call: an answer may have fewer
 * entries than `limit` and still a `nextBefore` to go on from.
 */
export async function listAudit(vault: Vault, query: Query): Promise<Result<'audit.list'>> {
  const total = vault.auditEnd.seq;
  const matches = matcher(query);
  const entries: AuditEntry[] = [];
  let before = Math.min(query.before ?? total + 1, total + 1);
  const floor = before - SCAN_AT_MOST;
  while (before > 1 && before > floor && entries.length < query.limit) {
    const first = Math.max(1, before - PAGE);
    const window = await readWindow(vault, first, before - 1);
    for (const entry of window.reverse()) {
      if (entries.length === query.limit) break;
      before = entry.seq;
      if (matches(entry.event)) entries.push(entry);
    }
  }
  return { entries, nextBefore: before > 1 ? before : null, total };
}
