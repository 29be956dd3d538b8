import { openPending, type PendingEvents } from '../audit/pending.ts';
import { equal } from '../crypto/equal.ts';
import { ifRoom } from '../disk-full.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { LOG_KEY, type WrittenRows } from './locked-log.ts';
import type { Reserve } from './reserve.ts';
import type { Rows } from './rows.ts';

/**
 * What was recorded since the audit chain ended here, and the key for what will be after the next lock. Sees to it that the vault's public key is there for the
 * daemon that will need it, unless `reserve` is null (a copy is left as it is).
 */
export async function loadLockedLog(
  hsm: Hsm,
  chain: { auditSeq: number; auditHash: Uint8Array },
  { rows, written, reserve }: { rows: Rows; written: WrittenRows | null; reserve: Reserve | null },
): Promise<{ pending: PendingEvents | null; key: Uint8Array }> {
  const [pending, { key, publicKey }] = await Promise.all([
    openPending(rows, hsm, chain, written),
    hsm.call('lockedLog', chain),
  ]);
  const before = rows.meta(LOG_KEY);
  if (before !== null && equal(before, publicKey)) return { pending, key };
  // Without room for it the next unlock tries again.
  if (reserve !== null) await ifRoom(() => reserve.use(() => rows.setMeta(LOG_KEY, publicKey)));
  // A new vault has none yet.
  if (before === null && chain.auditSeq === 0) return { pending, key };
  const { events, tampered, unclosed } = pending ?? { events: [], tampered: [], unclosed: false };
  const replaced = `the public key of this log was ${before === null ? 'deleted' : 'replaced'}`;
  return { pending: { events, tampered: [replaced, ...tampered], unclosed }, key };
}
