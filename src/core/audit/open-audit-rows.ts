import type { AuditEntry } from '../../contract/schemas.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { finding, tampered } from '../vault/findings.ts';
import type { StoredAudit } from '../vault/rows.ts';
import { parseAuditEvent } from './entry.ts';

const REASONS: Readonly<Record<'chain' | 'mac' | 'sealed', string>> = {
  chain: 'it does not continue the entry before it',
  mac: 'its MAC does not verify',
  sealed: 'its content does not decrypt',
};

export interface Broken {
  seq: number;
  message: string;
}

/** The first number in `rows` (ascending) that does not count on from `first`, if any. */
export function findGap(rows: readonly StoredAudit[], first: number): Broken | null {
  for (const [index, row] of rows.entries()) {
    if (row.seq !== first + index) {
      return { seq: first + index, message: `entry ${first + index} is missing` };
    }
  }
  return null;
}

/** Verifies rows (ascending, without gaps) as the continuation of `previousHash`; null leaves the first one's link unchecked. */
export async function verifyAuditRows(
  hsm: Hsm,
  rows: readonly StoredAudit[],
  previousHash: Uint8Array | null,
): Promise<{ events: Uint8Array[]; broken: Broken | null }> {
  const { events, broken } = await hsm.call('openAudit', { rows: [...rows], previousHash });
  if (broken === null) return { events, broken };
  const seq = rows[broken.index]?.seq ?? 0;
  return { events, broken: { seq, message: `entry ${seq} is broken: ${REASONS[broken.reason]}` } };
}

/** Opens rows (ascending, without gaps) that continue `previousHash`. `VaultTampered` names the first broken one. */
export async function openAuditRows(
  hsm: Hsm,
  rows: readonly StoredAudit[],
  previousHash: Uint8Array,
): Promise<AuditEntry[]> {
  if (rows.length === 0) return [];
  const { events, broken } = await verifyAuditRows(hsm, rows, previousHash);
  if (broken !== null) throw tampered([finding(`audit entry ${broken.seq}`, 'edited', broken.message)]);
  return rows.map((row, index) => {
    const event = events[index];
    if (event === undefined) throw tampered([finding(`audit entry ${row.seq}`, 'edited', 'it was not opened')]);
    return {
      seq: row.seq,
      event: parseAuditEvent(row.seq, event),
      hash: toHex(row.hash),
      mac: toHex(row.mac),
    };
  });
}
