import type { KmsKeySummary } from '../../../contract/kms.ts';
import type { AuditEvent } from '../../../contract/schemas.ts';
import { type ListAudit, timeOf } from '../activity/search-log.ts';
import { countUses, isUse, type Uses } from './count-uses.ts';

export const USE_DAYS = 30;
const PAGE = 1000;
/** Parts of the log that are looked at: a key that is used all the time would have the whole log read for a picture. */
const MOST_PAGES = 10;
const DAY = 86_400_000;

export interface ReadUses {
  counted: Uses;
  /** The events that were counted. */
  ids: ReadonlySet<string>;
  now: number;
  /** When the oldest entry was written that was looked at; null where all of the days were. */
  partial: { reached: string | null } | null;
}

export function isUseOf(key: Pick<KmsKeySummary, 'keyId' | 'region'>, event: AuditEvent): boolean {
  return isUse(event) && event.region === key.region && event.target?.includes(key.keyId) === true;
}

/** Counts the uses of the last days that the log tells of. Rejects once `signal` says that nobody waits any more. */
export async function readUses(
  list: ListAudit,
  key: Pick<KmsKeySummary, 'keyId' | 'region'>,
  now: number,
  signal?: AbortSignal,
): Promise<ReadUses> {
  const from = now - USE_DAYS * DAY;
  const since = new Date(from).toISOString();
  const events: AuditEvent[] = [];
  let before: number | undefined;
  let partial: ReadUses['partial'] = null;
  for (let page = 1; ; page++) {
    signal?.throwIfAborted();
    const { entries, nextBefore } = await list({
      kind: 'request',
      service: 'kms',
      text: key.keyId,
      since,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    for (const entry of entries) if (entry.broken === undefined && isUseOf(key, entry.event)) events.push(entry.event);
    if (nextBefore === null) break;
    const reached = entries.length < PAGE ? await timeOf(list, nextBefore) : null;
    // A day more, because clocks are set back now and then.
    if (reached !== null && Date.parse(reached) < from - DAY) break;
    if (page === MOST_PAGES) {
      partial = { reached: reached ?? (await timeOf(list, nextBefore)) };
      break;
    }
    before = nextBefore;
  }
  return { counted: countUses(events, USE_DAYS, now), ids: new Set(events.map(({ id }) => id)), now, partial };
}
