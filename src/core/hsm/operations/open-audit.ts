import { AUDIT_HASH_BYTES, openAuditRow } from '../audit-chain.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, verifyingKeys } from '../state.ts';
import { auditRowsOf } from '../vault-input.ts';

export function openAudit(state: TokenState, input: unknown): HsmOutput<'openAudit'> {
  const fields = fieldsOf(input, 'input', ['rows', 'previousHash']);
  const rows = auditRowsOf(fields['rows']);
  let previousHash =
    fields['previousHash'] === null
      ? null
      : bytesOf(fields['previousHash'], 'previousHash', AUDIT_HASH_BYTES, AUDIT_HASH_BYTES);
  const keys = verifyingKeys(state);
  const events: Uint8Array[] = [];
  let previousSeq: number | undefined;
  for (const [index, row] of rows.entries()) {
    if (previousSeq !== undefined && row.seq !== previousSeq + 1) return { events, broken: { index, reason: 'chain' } };
    const opened = openAuditRow(keys, row, previousHash);
    if ('broken' in opened) return { events, broken: { index, reason: opened.broken } };
    events.push(opened.event);
    previousHash = row.hash;
    previousSeq = row.seq;
  }
  return { events, broken: null };
}
