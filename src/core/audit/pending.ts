import { randomBytes } from 'node:crypto';
import type { AuditEvent } from '../../contract/schemas.ts';
import type { Vault } from '../vault/store.ts';
import { clipAuditEvent, readAuditEvent } from './entry.ts';

/** Events of the locked vault that are kept; one more row counts the rest. */
export const PENDING_LIMIT = 1000;
const OVERFLOW_ACTION = 'audit.overflow';
const SUFFIX = ' (recorded while locked)';

function overflow(count: number, time: string): AuditEvent {
  return {
    id: randomBytes(16).toString('hex'),
    time,
    kind: 'change',
    action: OVERFLOW_ACTION,
    decision: 'denied',
    actor: 'daemon',
    reason: `${count} more not recorded`,
    count,
  };
}

/** How many requests or changes these events stand for. */
export function requestsIn(events: readonly AuditEvent[]): number {
  return events.reduce((sum, { count = 1 }) => sum + count, 0);
}

/** How many events an overflow row stands for; 0 for any other row. */
function overflowCount(text: string): number {
  const event = readAuditEvent(text);
  if (event?.action !== OVERFLOW_ACTION) return 0;
  return Number(/^(\d{1,15}) more not recorded$/.exec(event.reason ?? '')?.[1] ?? 0);
}

/** Writes events of the locked vault to `audit_pending`: in plain text, unauthenticated, at most `PENDING_LIMIT` and a count. */
export function storePending(vault: Vault, events: readonly AuditEvent[]): void {
  if (events.length === 0) return;
  vault.reserve.use(() => storeRows(vault, events));
}

function storeRows(vault: Vault, events: readonly AuditEvent[]): void {
  vault.rows.transaction(() => {
    let seq = vault.rows.pendingLastSeq();
    const room = events.slice(0, Math.max(0, PENDING_LIMIT - seq));
    for (const event of room) vault.rows.putPending(++seq, JSON.stringify(event));
    const rest = events.slice(room.length);
    const last = rest.at(-1);
    if (last === undefined) return;
    const row = vault.rows.pending(PENDING_LIMIT + 1).find((one) => one.seq === PENDING_LIMIT + 1);
    const before = row === undefined ? 0 : overflowCount(row.event);
    vault.rows.putPending(PENDING_LIMIT + 1, JSON.stringify(overflow(before + requestsIn(rest), last.time)));
  });
}

/**
 * Enters what was recorded while locked in the chain, marked as such, and empties the table, in one transaction. Leaves all of it for later (and answers 0) when it
 * is more than `atMost`.
 */
export async function chainPending(vault: Vault, now: string, atMost = PENDING_LIMIT + 1): Promise<number> {
  const waiting = vault.rows.pending(atMost + 1).length;
  if (waiting === 0 || waiting > atMost) return 0;
  let count = 0;
  // Read when its turn to write has come: of two callers, the second finds the table empty.
  await vault.transact(() => {
    const audit = pendingEvents(vault, now);
    count = audit.length;
    return { audit, clearPending: true };
  });
  return count;
}

function pendingEvents(vault: Vault, now: string): AuditEvent[] {
  return vault.rows.pending(PENDING_LIMIT + 1).map(({ event: text }): AuditEvent => {
    const event = readAuditEvent(text);
    if (event === null) {
      return { ...overflow(1, now), action: 'audit.unreadable', reason: `an entry that cannot be read${SUFFIX}` };
    }
    const clipped = clipAuditEvent(event);
    return { ...clipped, reason: `${clipped.reason ?? ''}${SUFFIX}`.trim() };
  });
}
