import type { AuditEntry } from '../../contract/schemas.ts';
import { toHex } from '../crypto/bytes.ts';
import type { StoredAudit } from '../vault/rows.ts';
import type { Vault } from '../vault/store.ts';
import { readAuditEvent } from './entry.ts';
import { verifyAuditRows } from './open-audit-rows.ts';

/** Rows opened by one call to the HSM behind a broken one: there may be more of them. */
const CAREFULLY = 32;
const HASH_BYTES = 32;
const LONG_AGO = new Date(0).toISOString();

/** Hash of the entry before `seq`, 32 zero bytes before the first; null when that entry is missing or has none. */
export function hashBefore(vault: Vault, seq: number): Uint8Array | null {
  if (seq <= 1) return new Uint8Array(HASH_BYTES);
  const row = vault.rows.auditAfter(seq - 2, 1)[0];
  return row?.seq === seq - 1 && row.hash.length === HASH_BYTES ? row.hash : null;
}

/**
 * The entries `first`…`last` (ascending). What verifies is as it was written, every link checked, also the one to the entry before the window and the one to the
 * head. What does not is in its place and marked `broken`; missing ones are one entry under the last of their numbers.
 */
export async function readWindow(vault: Vault, first: number, last: number): Promise<AuditEntry[]> {
  const rows = vault.rows.auditAfter(first - 1, last - first + 1).filter(({ seq }) => seq <= last);
  const entries: AuditEntry[] = [];
  let previous = hashBefore(vault, first);
  let next = first;
  let batch = rows.length;
  for (let at = 0; at < rows.length; ) {
    const run = runFrom(rows, at, batch);
    const seq = run[0]?.seq ?? next;
    if (seq > next) {
      entries.push(missing(next, seq - 1));
      previous = null;
    }
    const { events, broken } = await verifyAuditRows(vault.hsm, run, previous);
    for (const [index, event] of events.entries()) entries.push(entryOf(run[index], event));
    const bad = run[events.length];
    if (broken !== null && bad !== undefined) {
      entries.push(brokenEntry(bad, broken.message));
      batch = CAREFULLY;
    }
    // What stands in a broken row says nothing about the next one, whose content has a seal of its own.
    previous = broken === null ? (run.at(-1)?.hash ?? null) : null;
    const done = broken === null ? run.length : events.length + 1;
    at += done;
    next = seq + done;
  }
  if (next <= last) entries.push(missing(next, last));
  return dated(withEnd(vault, entries));
}

/** At most `limit` rows from `at` on whose numbers follow each other. */
function runFrom(rows: readonly StoredAudit[], at: number, limit: number): StoredAudit[] {
  const run: StoredAudit[] = [];
  for (const row of rows.slice(at, at + limit)) {
    const before = run.at(-1);
    if (before !== undefined && row.seq !== before.seq + 1) break;
    run.push(row);
  }
  return run;
}

function entryOf(row: StoredAudit | undefined, bytes: Uint8Array): AuditEntry {
  if (row === undefined) throw new TypeError('The HSM opened more rows than it was given.');
  const event = readAuditEvent(Buffer.from(bytes).toString('utf8'));
  if (event === null) return brokenEntry(row, `entry ${row.seq} is not an audit event`);
  return { seq: row.seq, event, hash: toHex(row.hash), mac: toHex(row.mac) };
}

function brokenEntry({ seq, hash, mac }: Pick<StoredAudit, 'seq' | 'hash' | 'mac'>, broken: string): AuditEntry {
  const event: AuditEntry['event'] = {
    id: `broken-${seq}`,
    time: LONG_AGO,
    kind: 'change',
    action: 'audit.broken',
    decision: 'denied',
    reason: broken,
    actor: 'daemon',
  };
  return { seq, event, hash: toHex(hash), mac: toHex(mac), broken };
}

function missing(from: number, to: number): AuditEntry {
  const none = new Uint8Array();
  const what = from === to ? `entry ${to} is missing` : `entries ${from} to ${to} are missing`;
  return brokenEntry({ seq: to, hash: none, mac: none }, what);
}

/** The last entry must be the one that the head names. */
function withEnd(vault: Vault, entries: AuditEntry[]): AuditEntry[] {
  const end = vault.auditEnd;
  const last = entries.at(-1);
  if (last?.seq !== end.seq || last.broken !== undefined || last.hash === toHex(end.hash)) return entries;
  const hash = Buffer.from(last.hash, 'hex');
  const mac = Buffer.from(last.mac, 'hex');
  const broken = brokenEntry({ seq: end.seq, hash, mac }, `entry ${end.seq} is not the one that the head names`);
  return [...entries.slice(0, -1), broken];
}

/** A broken entry has no time of its own; it is put where its neighbour is. */
function dated(entries: readonly AuditEntry[]): AuditEntry[] {
  let time = entries.find(({ broken }) => broken === undefined)?.event.time ?? LONG_AGO;
  return entries.map((entry) => {
    if (entry.broken === undefined) time = entry.event.time;
    return entry.broken === undefined ? entry : { ...entry, event: { ...entry.event, time } };
  });
}
