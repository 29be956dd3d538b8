import { useQuery } from '@tanstack/react-query';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import type { AuditEvent } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { feedStore } from '../../api/live.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { useStore } from '../../lib/store.ts';
import { useLate } from '../../lib/use-late.ts';
import { BarChart } from '../../ui/bar-chart.tsx';
import { Section } from '../../ui/facts.tsx';
import { countUses, type DayOfUse, isUse } from './count-uses.ts';

const DAYS = 30;
const PAGE = 1000;
/** The newest entries that are looked at: a key that is used all the time would have the whole log read for a picture. */
const MOST_PAGES = 10;

/** How often the key was used on each of the last days, and what for, from the audit log. */
export function UsageSection({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const live = useStore(feedStore).find((event) => event.target?.includes(key.keyId) === true && isUse(event));
  const query = useQuery({
    // A use in the live feed makes the picture old.
    queryKey: ['audit', 'kms', key.arn, live?.id],
    queryFn: () => readUses(key),
    placeholderData: (before) => before,
    staleTime: 0,
  });
  const late = useLate(query.data === undefined && query.error === null);
  return (
    <Section title="Use">
      {query.error !== null ? (
        <p>{asWireError(query.error).message}</p>
      ) : query.data === undefined ? (
        late && <p className="text-muted">Reading the log…</p>
      ) : query.data.uses === 0 ? (
        <p className="text-muted">Not used in the last {DAYS} days.</p>
      ) : (
        <Picture {...query.data} />
      )}
    </Section>
  );
}

interface Uses {
  days: DayOfUse[];
  uses: number;
  denied: number;
  operations: readonly { operation: string; count: number }[];
  /** The log has more than was read. */
  partial: boolean;
}

function Picture({ days, uses, denied, operations, partial }: Uses) {
  const summary = `${plural(uses, 'use')} in the last ${DAYS} days${denied === 0 ? '' : `, ${formatCount(denied)} of them refused`}`;
  return (
    <>
      <p>
        {partial ? `More than ${summary}` : summary}
        <span className="text-muted">
          {' · '}
          {operations.map(({ operation, count }) => `${operation} ${formatCount(count)}`).join(', ')}
        </span>
      </p>
      <BarChart
        label={`${summary}: ${days
          .filter((day) => day.allowed + day.denied > 0)
          .map((day) => `${day.label} ${day.allowed + day.denied}`)
          .join(', ')}`}
        bars={days.map((day) => ({ label: day.label, value: day.allowed, denied: day.denied }))}
        deniedWord="refused"
      />
    </>
  );
}

async function readUses(key: KmsKeySummary): Promise<Uses> {
  const now = Date.now();
  const since = new Date(now - DAYS * 86_400_000).toISOString();
  const events: AuditEvent[] = [];
  let before: number | undefined;
  let partial = false;
  for (let page = 0; ; page++) {
    if (page === MOST_PAGES) {
      partial = true;
      break;
    }
    const answer = await call('audit.list', {
      kind: 'request',
      service: 'kms',
      text: key.keyId,
      since,
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    for (const entry of answer.entries) {
      if (entry.broken === undefined && entry.event.region === key.region && isUse(entry.event))
        events.push(entry.event);
    }
    if (answer.nextBefore === null) break;
    before = answer.nextBefore;
  }
  return { ...countUses(events, DAYS, now), partial };
}
