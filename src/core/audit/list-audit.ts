import type { Input, Result } from '../../contract/methods.ts';
import type { AuditEntry, AuditEvent } from '../../contract/schemas.ts';
import type { Vault } from '../vault/store.ts';
import { readWindow } from './read-window.ts';

const PAGE = 256;
/** Rows looked at by one call with a filter; the answer's `nextBefore` goes on from there. */
const SCAN_AT_MOST = 20 * PAGE;

type Query = Input<'audit.list'>;

function matcher(query: Query): (event: AuditEvent) => boolean {
  const text = query.text?.toLowerCase();
  const exact = (wanted: string | undefined, value: string | undefined) => wanted === undefined || wanted === value;
  return (event) =>
    exact(query.decision, event.decision) &&
    exact(query.kind, event.kind) &&
    exact(query.client, event.client) &&
    exact(query.profile, event.profile) &&
    exact(query.account, event.account) &&
    exact(query.service, event.service) &&
    (query.since === undefined || Date.parse(event.time) >= Date.parse(query.since)) &&
    (text === undefined ||
      [event.action, event.client, event.profile, event.service, event.reason, event.target, ...touched(event)].some(
        (field) => field?.toLowerCase().includes(text),
      ));
}

/** Security keys by their names and credentials. */
function touched({ mfa = [] }: AuditEvent): string[] {
  return mfa.flatMap(({ key, credentialId }) => [key, credentialId]);
}

/**
 * Entries newest first (contract `audit.list`), broken ones in their place whatever the filter. A filter looks at a bounded number of rows per call: an answer may have fewer
 * entries than `limit` and still a `nextBefore` to go on from.
 */
export async function listAudit(vault: Vault, query: Query): Promise<Result<'audit.list'>> {
  const total = vault.auditEnd.seq;
  const matches = matcher(query);
  const entries: AuditEntry[] = [];
  let before = Math.min(query.before ?? total + 1, total + 1);
  const floor = before - SCAN_AT_MOST;
  while (before > 1 && before > floor && entries.length < query.limit) {
    const first = Math.max(1, before - PAGE);
    const window = await readWindow(vault, first, before - 1);
    for (let index = window.length - 1; index >= 0 && entries.length < query.limit; index--) {
      const entry = window[index];
      if (entry === undefined) break;
      // Missing ones go with the last of their numbers.
      before = (window[index - 1]?.seq ?? first - 1) + 1;
      // Nobody knows whether a broken one would match.
      if (entry.broken !== undefined || matches(entry.event)) entries.push(entry);
    }
  }
  return { entries, nextBefore: before > 1 ? before : null, total };
}
