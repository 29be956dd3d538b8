import { randomBytes } from 'node:crypto';
import { AuditEvent } from '../../contract/schemas.ts';

/** An event's JSON, or null when it is none. */
export function readAuditEvent(text: string): AuditEvent | null {
  try {
    const parsed = AuditEvent.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** How many requests or changes these events stand for. */
export function requestsIn(events: readonly AuditEvent[]): number {
  return events.reduce((sum, { count = 1 }) => sum + count, 0);
}

/** Stands for `count` requests or changes that were not written. */
export function overflowEvent(count: number, time: string): AuditEvent {
  return {
    id: randomBytes(16).toString('hex'),
    time,
    kind: 'change',
    action: 'audit.overflow',
    decision: 'denied',
    actor: 'daemon',
    reason: `${count} more not recorded`,
    count,
  };
}

/** Longest text kept in one field of an event: the log is about decisions, not a place for a request's payload. */
const FIELD_LENGTH = 512;

/** The event with over-long texts cut, so that a caller cannot fill the disk or memory through it. */
export function clipAuditEvent(event: AuditEvent): AuditEvent {
  if (!Object.values(event).some(isLong)) return event;
  const long = Object.entries(event).filter(([, value]) => isLong(value));
  const cut = long.map(([field, value]) => [
    field,
    `${String(value)
      .slice(0, FIELD_LENGTH - 1)
      .toWellFormed()}…`,
  ]);
  return { ...event, ...Object.fromEntries(cut) };
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > FIELD_LENGTH;
}
