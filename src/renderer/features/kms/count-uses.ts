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

const dayLabel = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Uses by day, oldest first, for the `days` days that end with today; and by operation, the most frequent first. */
export function countUses(
  events: readonly AuditEvent[],
  days: number,
  now: number,
): { days: DayOfUse[]; uses: number; denied: number; operations: { operation: string; count: number }[] } {
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
  const operations = [...byOperation].map(([operation, count]) => ({ operation, count }));
  operations.sort((a, b) => b.count - a.count);
  return { days: [...byDay.values()], uses, denied, operations };
}
