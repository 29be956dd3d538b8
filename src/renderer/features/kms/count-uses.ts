import type { AuditEvent } from '../../../contract/schemas.ts';

/** The operations that use a key's material; reading about a key and managing it is no use of it. */
const USES: ReadonlySet<string> = new Set([
  'Encrypt',
  'Decrypt',
  'ReEncrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'Sign',
  'Verify',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
  'Encapsulate',
  'Decapsulate',
]);

export function isUse(event: AuditEvent): boolean {
  return event.kind === 'request' && event.service === 'kms' && USES.has(event.action);
}

export interface DayOfUse {
  /** `14 Nov`, in the reader's own time zone. */
  label: string;
  allowed: number;
  denied: number;
}

export interface Uses {
  /** Oldest first. */
  days: DayOfUse[];
  uses: number;
  denied: number;
  /** The most frequent first. */
  operations: { operation: string; count: number }[];
}

const dayLabel = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The day of `now` in the reader's own time zone. */
export function dayOf(now: number): string {
  return dayLabel.format(new Date(now));
}

/** Uses by day, for the `days` days that end with the day of `now`; and by operation. */
export function countUses(events: readonly AuditEvent[], days: number, now: number): Uses {
  const byDay = new Map<string, DayOfUse>();
  for (let back = days - 1; back >= 0; back--) {
    const day = new Date(now);
    // By the calendar: a day is not always 24 hours long.
    day.setDate(day.getDate() - back);
    const label = dayLabel.format(day);
    byDay.set(label, { label, allowed: 0, denied: 0 });
  }
  const byOperation = new Map<string, number>();
  let uses = 0;
  let denied = 0;
  for (const event of events) {
    const day = byDay.get(dayLabel.format(new Date(event.time)));
    if (day === undefined) continue;
    const count = event.count ?? 1;
    uses += count;
    if (event.decision === 'denied') {
      day.denied += count;
      denied += count;
    } else day.allowed += count;
    byOperation.set(event.action, (byOperation.get(event.action) ?? 0) + count);
  }
  return { days: [...byDay.values()], uses, denied, operations: mostFrequent(byOperation) };
}

function mostFrequent(byOperation: ReadonlyMap<string, number>): Uses['operations'] {
  const operations = [...byOperation].map(([operation, count]) => ({ operation, count }));
  return operations.sort((a, b) => b.count - a.count);
}

/** Both together; the days are those of `uses`. */
export function addUses(uses: Uses, more: Uses): Uses {
  const byOperation = new Map(uses.operations.map(({ operation, count }) => [operation, count]));
  for (const { operation, count } of more.operations) {
    byOperation.set(operation, (byOperation.get(operation) ?? 0) + count);
  }
  return {
    days: uses.days.map((day) => {
      const same = more.days.find(({ label }) => label === day.label);
      return same === undefined
        ? day
        : { label: day.label, allowed: day.allowed + same.allowed, denied: day.denied + same.denied };
    }),
    uses: uses.uses + more.uses,
    denied: uses.denied + more.denied,
    operations: mostFrequent(byOperation),
  };
}
