import { KeyholdError } from '../../contract/errors.ts';
import { unpackRows } from '../crypto/packed-audit.ts';
import type { HeadState, HsmOutput } from '../hsm/protocol.ts';
import { finding, tampered } from './findings.ts';
import { headParts } from './head-parts.ts';
import { LOG_KEY } from './locked-log.ts';
import type { Change, Plan } from './plan.ts';
import type { Rows, StoredAudit, StoredPage, StoredRecord } from './rows.ts';

/** What one transaction writes, all of it as the HSM sealed it. */
export interface SealedChange {
  /** Generation, slots and keys as they shall be; page MACs and the end of the audit log as they are before it. */
  head: HeadState;
  headMac: Uint8Array;
  records: readonly StoredRecord[];
  removed?: readonly string[];
  /** Touched pages after the change; one without entries goes. */
  pages: readonly StoredPage[];
  audit?: readonly StoredAudit[];
  /** Whether the head brings other slots or keys. */
  slots?: boolean;
  keks?: boolean;
  clearPending?: boolean;
  /** Records are sealed anew, and say what they said. */
  sameContent?: boolean;
  /** Another public key of the log of the locked vault. */
  logKey?: Uint8Array;
}

/** The pages, key for the next lock and MAC that belong to it: what memory takes over once it is written. */
export type SealedBy = Pick<HsmOutput<'commit'>, 'pages' | 'headMac' | 'lockedKey'>;

/**
 * Writes a plan, as the HSM sealed it, in one transaction. Answers the new head once it is committed; when it throws, nothing has
 * been written.
 */
export function writePlan(
  rows: Rows,
  before: HeadState,
  plan: Plan,
  sealed: HsmOutput<'commit'>,
  change: Change,
): HeadState {
  const audit = numberedRows(sealed.audit, plan.head.auditSeq);
  const complete =
    sealed.records.length === plan.puts.length &&
    sealed.pages.length === plan.pages.length &&
    audit?.length === plan.audit.count;
  if (audit === null || !complete) throw incomplete();
  return writeSealed(rows, before, {
    head: plan.head,
    headMac: sealed.headMac,
    records: [
      ...sealed.records,
      ...plan.objects.map(({ id, kind, version, blob }) => ({ id, kind, version, sealed: blob })),
    ],
    removed: plan.removed,
    pages: sealed.pages,
    audit,
    slots: change.slots !== undefined,
    keks: change.keks !== undefined,
    clearPending: change.clearPending === true,
  });
}

/** Entries of the log as the HSM sealed them, numbered from the one after `seq`; null for bytes that are no whole number of them. */
export function numberedRows(packed: Uint8Array, seq: number): StoredAudit[] | null {
  return unpackRows(packed)?.map((row, index) => ({ seq: seq + 1 + index, ...row })) ?? null;
}

export function incomplete(): KeyholdError {
  return new KeyholdError('Internal', 'The HSM answered a commit incompletely; nothing was written. Try again.');
}

/** The same for what the HSM has made as a whole. */
export function writeSealed(rows: Rows, before: HeadState, change: SealedChange): HeadState {
  const pageMacs = new Uint8Array(before.pageMacs);
  for (const { page, entries, mac } of change.pages) {
    pageMacs.set(entries.length === 0 ? new Uint8Array(32) : mac, page * 32);
  }
  const last = change.audit?.at(-1);
  const next: HeadState = {
    ...change.head,
    pageMacs,
    auditSeq: last?.seq ?? change.head.auditSeq,
    // A copy: as a view it would keep all of the answer in memory until the next change.
    auditHash: last?.hash.slice() ?? change.head.auditHash,
  };
  const { generation, auditSeq, auditHash } = next;
  const head = { generation, auditSeq, auditHash, parts: headParts(next), mac: change.headMac };
  rows.transaction(() => {
    for (const record of change.records) rows.putRecord(record);
    for (const id of change.removed ?? []) rows.removeRecord(id);
    for (const page of change.pages) {
      if (page.entries.length === 0) rows.removePage(page.page);
      else rows.putPage(page);
    }
    if (change.slots === true) rows.replaceSlots(next.slots);
    if (change.keks === true) rows.replaceKeks(next.keks);
    if (change.logKey !== undefined) rows.setMeta(LOG_KEY, change.logKey);
    for (const entry of change.audit ?? []) rows.appendAudit(entry);
    if (change.clearPending === true) rows.clearPending();
    if (rows.updateHead(head, before.generation) !== 1) {
      throw tampered([finding('head', 'edited', 'it was changed while the vault was open')]);
    }
  });
  return next;
}
