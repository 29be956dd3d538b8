import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../contract/schemas.ts';
import { equal } from '../crypto/equal.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { Hsm, LockedRow } from '../hsm/protocol.ts';
import { LOG_END, type WrittenRows } from '../vault/locked-log.ts';
import type { Rows, StoredPending } from '../vault/rows.ts';
import type { Vault } from '../vault/store.ts';
import { clipAuditEvent, readAuditEvent } from './entry.ts';
import { verifyAuditRows } from './open-audit-rows.ts';

/** More rows than a locked vault ever has: what is beyond is not of Keyhold. */
const MOST_ROWS = 10_000;
/** So many things found wrong are named one by one. */
const NAMED_AT_MOST = 20;
const END_BYTES = 8 + 32 + 32;

/** What was recorded while the vault was locked, as the HSM opened it. */
export interface PendingEvents {
  events: { event: AuditEvent; verified: boolean }[];
  /** What was deleted, changed or made up meanwhile, a sentence each. */
  tampered: string[];
  /** Nobody can tell whether the newest entries were deleted. */
  unclosed: boolean;
}

interface Chain {
  auditSeq: number;
  auditHash: Uint8Array;
}

/** The end that a stopped daemon noted; null when there is none of the right form. */
function readEnd(bytes: Uint8Array | null): { seq: number; lastHash: Uint8Array; mac: Uint8Array } | null {
  if (bytes?.length !== END_BYTES) return null;
  const seq = Number(Buffer.from(bytes.subarray(0, 8)).readBigUInt64BE());
  return seq > MOST_ROWS ? null : { seq, lastHash: bytes.slice(8, 40), mac: bytes.slice(40) };
}

/**
 * Opens what was recorded since the audit chain came to its present end, in the HSM. `written` is what this process remembers of it. Null when there is nothing to
 * enter.
 */
export async function openPending(
  rows: Rows,
  hsm: Hsm,
  chain: Chain,
  written: WrittenRows | null,
): Promise<PendingEvents | null> {
  const stored = rows.pending(MOST_ROWS + 1);
  const known = stored.filter(({ seq }) => seq >= 1 && seq <= MOST_ROWS);
  const end = readEnd(rows.meta(LOG_END));
  const { auditSeq, auditHash } = chain;
  const opened = await hsm.call('openLockedLog', { auditSeq, auditHash, rows: known, end });
  // Keys of this time that another process had: it noted where it stopped, or was killed.
  const others = written?.handed !== true;
  const closed = others && end !== null && opened.endOk ? end : null;
  const last = written?.last ?? null;

  const tampered = missing(known, Math.max(last?.seq ?? 0, closed?.seq ?? 0));
  const intact = isThere(known, last, ({ sealed }) => last !== null && equal(sealed, last.sealed));
  if (intact === false) tampered.push(`entry ${last?.seq} was replaced`);
  if (isThere(known, closed, ({ sealed }) => closed !== null && equal(sha256(sealed), closed.lastHash)) === false) {
    tampered.push(`entry ${closed?.seq} was replaced`);
  }
  if (stored.length > known.length) tampered.push('there are entries that Keyhold did not write');

  const lastOpening = opened.rows.findLast((row) => row.what === 'opening')?.seq ?? null;
  const events: PendingEvents['events'] = [];
  for (const row of opened.rows) {
    const event = row.what === 'event' ? readAuditEvent(Buffer.from(row.event).toString('utf8')) : null;
    if (last !== null && row.seq > last.seq) tampered.push(`entry ${row.seq} was made up`);
    else if (row.what === 'event' && event !== null) {
      const verified = row.opening === null || (intact === true && row.opening === lastOpening);
      events.push({ event, verified });
    } else if (row.what !== 'opening') tampered.push(`entry ${row.seq} was changed, or is not of Keyhold`);
  }
  const unclosed = others && closed === null && (await hadKeys(rows, hsm, chain, opened.rows));
  return stored.length + tampered.length === 0 && !unclosed ? null : { events, tampered, unclosed };
}

/** Whether the row of that number is as it should be; null when there is none, or no number. */
function isThere(
  rows: readonly StoredPending[],
  wanted: { seq: number } | null,
  asItShouldBe: (row: StoredPending) => boolean,
): boolean | null {
  const row = wanted === null ? undefined : rows.find(({ seq }) => seq === wanted.seq);
  return row === undefined ? null : asItShouldBe(row);
}

/** Numbers count from 1 without gaps, at least up to `end`. */
function missing(rows: readonly StoredPending[], end: number): string[] {
  const out: string[] = [];
  const gap = (from: number, to: number) => {
    if (from === to) out.push(`entry ${from} was deleted`);
    else if (from < to) out.push(`entries ${from} to ${to} were deleted`);
  };
  let next = 1;
  for (const { seq } of rows) {
    gap(next, seq - 1);
    next = seq + 1;
  }
  gap(next, end);
  return out;
}

/** Whether a daemon that had the vault unlocked wrote here, or was about to. */
async function hadKeys(rows: Rows, hsm: Hsm, chain: Chain, opened: readonly LockedRow[]): Promise<boolean> {
  if (opened.some((row) => row.what === 'event' && row.opening === null)) return true;
  const row = rows.auditLast();
  if (row?.seq !== chain.auditSeq) return false;
  const { events } = await verifyAuditRows(hsm, [row], null);
  const event = events[0] === undefined ? null : readAuditEvent(Buffer.from(events[0]).toString('utf8'));
  return event?.action === 'vault.lock';
}

/** The events as they enter the chain. `time` (ISO 8601) is for what is said about them. */
export function entriesOf({ events, tampered, unclosed }: PendingEvents, time: string): AuditEvent[] {
  const about = (action: string, reason: string): AuditEvent => ({
    id: randomBytes(16).toString('hex'),
    time,
    kind: 'change',
    action,
    decision: 'denied',
    actor: 'daemon',
    reason: `${reason} (recorded while locked)`,
  });
  const named = tampered.slice(0, NAMED_AT_MOST);
  if (tampered.length > named.length) named.push(`${tampered.length - named.length} more entries like these`);
  return [
    ...events.map(({ event, verified }): AuditEvent => {
      const clipped = clipAuditEvent(event);
      const suffix = verified ? '(recorded while locked)' : '(recorded while locked, unverified)';
      return { ...clipped, reason: `${clipped.reason ?? ''} ${suffix}`.trim() };
    }),
    ...named.map((what) => about('audit.tampered', what)),
    ...(unclosed
      ? [about('audit.unclosed', 'the daemon did not end as it should: the newest entries may be missing')]
      : []),
  ];
}

/** Enters what was recorded while locked in the chain, unless a change has done so already; answers how many entries that were. */
export async function chainPending(vault: Vault, now: string): Promise<number> {
  const { pending } = vault;
  if (pending === null) return 0;
  await vault.transact({ pendingAt: now });
  return entriesOf(pending, now).length;
}
