import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { formatCount, formatExact, plural } from '../../lib/format.ts';
import { useLate } from '../../lib/use-late.ts';
import { useNow } from '../../lib/use-now.ts';
import { BarChart } from '../../ui/bar-chart.tsx';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/facts.tsx';
import { addUses, countUses, dayOf, type Uses } from './count-uses.ts';
import { type ReadUses, readUses, USE_DAYS } from './read-uses.ts';
import { useLiveUses } from './use-live-uses.ts';

/** How often the key was used on each of the last days, and what for: from the audit log, and from the feed since then. */
export function UsageSection({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const live = useLiveUses(key);
  const query = useQuery({
    // The days are others after midnight.
    queryKey: ['audit', 'kms', key.arn, dayOf(useNow())],
    queryFn: ({ signal }) => readUses((params) => call('audit.list', params), key, Date.now(), signal),
    placeholderData: (before, of) => (of?.queryKey[2] === key.arn ? before : undefined),
    staleTime: 0,
  });
  const late = useLate(query.data === undefined && query.error === null);
  const counted = useMemo(() => withLive(query.data, live), [query.data, live]);
  return (
    <Section title="Use">
      {query.error !== null ? (
        <p className="flex flex-wrap items-center gap-2">
          {asWireError(query.error).message}
          <Button size="compact" onPress={() => void query.refetch()}>
            Try again
          </Button>
        </p>
      ) : query.data === undefined || counted === undefined ? (
        late && <p className="text-muted">Reading the log…</p>
      ) : counted.uses === 0 ? (
        <p className="text-muted">{unused(query.data.partial)}</p>
      ) : (
        <Picture {...counted} partial={query.data.partial} />
      )}
    </Section>
  );
}

function withLive(read: ReadUses | undefined, live: ReturnType<typeof useLiveUses>): Uses | undefined {
  if (read === undefined) return undefined;
  const since = live.filter(({ id }) => !read.ids.has(id));
  return addUses(read.counted, countUses(since, USE_DAYS, read.now));
}

/** What was not looked at, nobody can call unused. */
function unused(partial: ReadUses['partial']): string {
  if (partial === null) return `Not used in the last ${USE_DAYS} days.`;
  if (partial.reached === null) return 'Not used in the newest part of the log. The rest of it was not read.';
  return `Not used since ${formatExact(partial.reached)}. The log has more than was read.`;
}

function Picture({ days, uses, denied, operations, partial }: Uses & { partial: ReadUses['partial'] }) {
  const summary = `${plural(uses, 'use')} in the last ${USE_DAYS} days${denied === 0 ? '' : `, ${formatCount(denied)} of them refused`}`;
  return (
    <>
      <p>
        {partial === null ? summary : `At least ${summary}`}
        <span className="text-muted">
          {' · '}
          {operations.map(({ operation, count }) => `${operation} ${formatCount(count)}`).join(', ')}
        </span>
      </p>
      {partial !== null && partial.reached !== null && (
        <p className="text-muted">The log was read back to {formatExact(partial.reached)}.</p>
      )}
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
