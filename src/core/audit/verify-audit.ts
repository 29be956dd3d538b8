import type { Result } from '../../contract/methods.ts';
import type { StoredAudit } from '../vault/rows.ts';
import type { Vault } from '../vault/store.ts';
import { readAuditEvent } from './entry.ts';
import { type Broken, findGap, verifyAuditRows } from './open-audit-rows.ts';

const BATCH = 512;

/**
 * Verifies the whole chain and every MAC in batches, up to the end that the head names (contract `audit.verify`). Entries that are
 * added meanwhile are not looked at.
 */
export async function verifyAudit(vault: Vault): Promise<Result<'audit.verify'>> {
  const end = vault.auditEnd;
  const stop = (broken: Broken): Result<'audit.verify'> => ({
    ok: false,
    entries: end.seq,
    firstBroken: broken.seq,
    message: `The audit log was changed: ${broken.message}.`,
  });
  const first = vault.rows.auditFirstSeq();
  if (typeof first === 'number' && first < 1) {
    return stop({ seq: first, message: `entry ${first} does not belong to the log` });
  }
  let previous: StoredAudit | undefined;
  while ((previous?.seq ?? 0) < end.seq) {
    const from: number = (previous?.seq ?? 0) + 1;
    const rows = vault.rows.auditAfter(from - 1, Math.min(BATCH, end.seq - from + 1));
    const gap = findGap(rows, from);
    const whole = gap === null ? rows : rows.slice(0, gap.seq - from);
    if (whole.length === 0) return stop({ seq: from, message: `entry ${from} is missing` });
    const { events, broken } = await verifyAuditRows(vault.hsm, whole, previous?.hash ?? new Uint8Array(32));
    if (broken !== null) return stop(broken);
    for (const [index, row] of whole.entries()) {
      const event = events[index];
      if (event === undefined || readAuditEvent(Buffer.from(event).toString('utf8')) === null) {
        return stop({ seq: row.seq, message: `entry ${row.seq} is not an audit event` });
      }
    }
    if (gap !== null) return stop(gap);
    previous = whole.at(-1);
  }
  if (Buffer.compare(previous?.hash ?? new Uint8Array(32), end.hash) !== 0) {
    return stop({ seq: end.seq, message: `entry ${end.seq} is not the one that the head names` });
  }
  const beyond = vault.rows.auditLast();
  if (beyond !== null && beyond.seq > vault.auditEnd.seq) {
    const seq = vault.auditEnd.seq + 1;
    return stop({ seq, message: `entry ${beyond.seq} is beyond the end of the log` });
  }
  return {
    ok: true,
    entries: end.seq,
    firstBroken: null,
    message: end.seq === 0 ? 'The audit log is empty.' : `All ${end.seq} entries verify, in order and without gaps.`,
  };
}
