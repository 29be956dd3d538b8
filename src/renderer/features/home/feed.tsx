import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { AuditEvent } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { feedStore } from '../../api/live.ts';
import { mergeFeed } from '../../api/merge-feed.ts';
import { navigate } from '../../lib/router.ts';
import { useStore } from '../../lib/store.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { RowsSkeleton } from '../../ui/states.tsx';
import { EventRow } from '../activity/event-row.tsx';

const SHOWN = 40;

/** Requests and changes as they happen. New rows slide in; denied ones stand out and say why. */
export function Feed() {
  const live = useStore(feedStore);
  const query = useQuery({
    queryKey: ['audit', 'feed'],
    queryFn: async () => (await call('audit.list', { limit: SHOWN })).entries.map((entry) => entry.event),
    staleTime: 0,
  });
  const mounted = useRef(new Date().toISOString());
  const seen = useRef(new Set<string>());
  const events = mergeFeed(query.data ?? [], live).slice(0, SHOWN);
  useEffect(() => {
    for (const event of events) seen.current.add(event.id);
  });

  if (query.error !== null && events.length === 0) {
    return (
      <div role="alert" className="flex flex-col items-start gap-3 p-4">
        <p>{asWireError(query.error).message}</p>
        <Button size="compact" onPress={() => void query.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  if (query.data === undefined && events.length === 0) return <RowsSkeleton rows={8} height={32} />;
  if (events.length === 0) return <p className="p-4 text-muted">Requests appear here the moment a tool makes them.</p>;
  return (
    <ol aria-label="Live requests" className="flex flex-col py-1">
      {events.map((event) => (
        <FeedRow key={event.id} event={event} fresh={event.time > mounted.current && !seen.current.has(event.id)} />
      ))}
    </ol>
  );
}

function FeedRow({ event, fresh }: { event: AuditEvent; fresh: boolean }) {
  const denied = event.decision === 'denied';
  return (
    <li className={cx(fresh && 'animate-slide-in', denied && 'bg-danger-soft')}>
      <button
        type="button"
        onClick={() => navigate('activity', event.id)}
        className={cx(
          'flex min-h-8 w-full items-center border-l-2 px-3.5 py-1.5 text-left outline-none hover:bg-hover focus-visible:shadow-[inset_0_0_0_2px_var(--focus)]',
          denied ? 'border-l-danger' : 'border-l-transparent',
        )}
      >
        <EventRow event={event} />
      </button>
    </li>
  );
}
