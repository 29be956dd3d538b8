import type { Hsm } from '../hsm/protocol.ts';
import type { StoredAudit } from '../vault/rows.ts';

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

/**
 * Verifies rows (ascending, without gaps) up to the first broken one as the continuation of `previousHash`; null leaves the first one's link unchecked.
 */
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
