import { useQuery } from '@tanstack/react-query';
import type { AuditEvent } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { feedStore } from '../../api/live.ts';
import { mergeFeed } from '../../api/merge-feed.ts';
import { useStore } from '../../lib/store.ts';
import { useLate } from '../../lib/use-late.ts';
import { Button } from '../../ui/button.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { EventRow } from './event-row.tsx';

const SHOWN = 8;

interface Filter {
  client?: string;
  profile?: string;
  account?: string;
}

/** The newest requests of one client, profile or account, live. */
export function RecentActivity({ filter }: { filter: Filter }) {
  const feed = useStore(feedStore);
  const query = useQuery({
    queryKey: ['audit', 'recent', filter],
    queryFn: async () => {
      const { entries } = await call('audit.list', { ...filter, limit: SHOWN });
      return entries.filter((entry) => entry.broken === undefined).map((entry) => entry.event);
    },
    staleTime: 0,
  });
  const live = feed.filter((event) =>
    Object.entries(filter).every(([name, value]) =>
      name === 'client'
        ? event.client === value
        : name === 'profile'
          ? event.profile === value
          : event.account === value,
    ),
  );
  return <Events query={query} live={live} none="No requests yet." />;
}

/** What was done with one key and to it: the requests of its profiles, and the changes that name it. */
export function KeyActivity({ keyName, profiles }: { keyName: string; profiles: readonly string[] }) {
  const feed = useStore(feedStore);
  const query = useQuery({
    queryKey: ['audit', 'key', keyName, profiles],
    queryFn: async () => {
      const answers = await Promise.all([
        call('audit.list', { kind: 'change', text: keyName, limit: SHOWN * 4 }),
        ...profiles.slice(0, 4).map((profile) => call('audit.list', { kind: 'request', profile, limit: SHOWN })),
      ]);
      const events = answers.flatMap((answer) => answer.entries.map((entry) => entry.event));
      return events.filter((event) => concerns(event, keyName, profiles)).sort((a, b) => b.time.localeCompare(a.time));
    },
    staleTime: 0,
  });
  const live = feed.filter((event) => concerns(event, keyName, profiles));
  return <Events query={query} live={live} none="Nothing was done with this key yet." />;
}

function concerns(event: AuditEvent, keyName: string, profiles: readonly string[]): boolean {
  if (event.kind === 'request') return event.profile !== undefined && profiles.includes(event.profile);
  return event.action.startsWith('key.') && event.target === keyName;
}

function Events({
  query,
  live,
  none,
}: {
  query: { data: AuditEvent[] | undefined; error: Error | null; refetch: () => unknown };
  live: readonly AuditEvent[];
  none: string;
}) {
  const late = useLate(query.data === undefined && query.error === null);
  if (query.error !== null) {
    return (
      <p className="flex flex-wrap items-center gap-2">
        {asWireError(query.error).message}
        <Button size="compact" onPress={() => void query.refetch()}>
          Try again
        </Button>
      </p>
    );
  }
  if (query.data === undefined) return late ? <p className="text-muted">Reading the log…</p> : null;
  const events = mergeFeed(query.data, live).slice(0, SHOWN);
  if (events.length === 0) return <p className="text-muted">{none}</p>;
  return (
    <>
      <ul className="flex flex-col">
        {events.map((event) => (
          <li key={event.id} className="flex min-h-8 items-center py-1">
            <EventRow event={event} />
          </li>
        ))}
      </ul>
      <p>
        <RecordLink screen="activity" id={null}>
          All activity
        </RecordLink>
      </p>
    </>
  );
}
