import { KeyholdError } from '../../contract/errors.ts';
import { unpackRows } from '../crypto/packed-audit.ts';
import type { HeadState, HsmOutput } from '../hsm/protocol.ts';
import { finding, tampered } from './findings.ts';
import { headParts } from './head-parts.ts';
import type { Change, Plan } from './plan.ts';
import type { Rows, StoredRecord } from './rows.ts';

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
  const audit = unpackRows(sealed.audit);
  const complete =
    sealed.records.length === plan.puts.length &&
    sealed.pages.length === plan.pages.length &&
    audit?.length === plan.audit.count;
  if (audit === null || !complete) {
    throw new KeyholdError('Internal', 'The HSM answered a commit incompletely; nothing was written. Try again.');
  }
  const records: StoredRecord[] = [
    ...sealed.records,
    ...plan.objects.map(({ id, kind, version, blob }) => ({ id, kind, version, sealed: blob })),
  ];
  const pageMacs = Uint8Array.from(before.pageMacs);
  for (const { page, entries, mac } of sealed.pages) {
    pageMacs.set(entries.length === 0 ? new Uint8Array(32) : mac, page * 32);
  }
  const next: HeadState = {
    ...plan.head,
    pageMacs,
    auditSeq: plan.head.auditSeq + audit.length,
    // A copy: as a view it would keep all of the answer in memory until the next change.
    auditHash: audit.at(-1)?.hash.slice() ?? plan.head.auditHash,
  };
  const { generation, auditSeq, auditHash } = next;
  const head = { generation, auditSeq, auditHash, parts: headParts(next), mac: sealed.headMac };
  rows.transaction(() => {
    for (const record of records) rows.putRecord(record);
    for (const id of plan.removed) rows.removeRecord(id);
    for (const page of sealed.pages) {
      if (page.entries.length === 0) rows.removePage(page.page);
      else rows.putPage(page);
    }
    if (change.slots !== undefined) rows.replaceSlots(next.slots);
    if (change.keks !== undefined) rows.replaceKeks(next.keks);
    for (const [index, row] of audit.entries()) rows.appendAudit({ seq: plan.head.auditSeq + 1 + index, ...row });
    if (change.clearPending === true) rows.clearPending();
    if (rows.updateHead(head, before.generation) !== 1) {
      throw tampered([finding('head', 'edited', 'it was changed while the vault was open')]);
    }
  });
  return next;
}
