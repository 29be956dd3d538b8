import { CircleCheck, OctagonX, PencilLine, TriangleAlert } from 'lucide-react';
import type { AuditEvent } from '../../../contract/schemas.ts';
import { formatClock, formatExact, formatLatency } from '../../lib/format.ts';
import { cx } from '../../ui/cx.ts';
import { describeEvent } from './describe-event.ts';

export function DecisionIcon({ event }: { event: AuditEvent }) {
  if (event.decision === 'denied')
    return <OctagonX size={16} aria-label="Denied" className="shrink-0 text-danger-ink" />;
  if (event.kind === 'change') return <PencilLine size={16} aria-label="Change" className="shrink-0 text-muted" />;
  if (failed(event)) return <TriangleAlert size={16} aria-label="Failed" className="shrink-0 text-warn-ink" />;
  return <CircleCheck size={16} aria-label="Allowed" className="shrink-0 text-accent-ink" />;
}

/** Let through, but AWS or the way there broke down. */
export function failed(event: AuditEvent): boolean {
  return event.kind === 'request' && (event.answered ?? event.status ?? 0) >= 500;
}

/** One event on one line; a denied one says why on a second. */
export function EventRow({ event }: { event: AuditEvent }) {
  const words = describeEvent(event);
  const denied = event.decision === 'denied';
  return (
    <span className="flex min-w-0 flex-1 items-start gap-2">
      <time dateTime={event.time} title={formatExact(event.time)} className="mono shrink-0 text-muted">
        {formatClock(event.time)}
      </time>
      <span className="flex h-5 items-center">
        <DecisionIcon event={event} />
      </span>
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="flex min-w-0 items-center gap-2">
          <span className="min-w-0 shrink truncate">
            {words.service !== '' && <span className="text-muted">{words.service} </span>}
            <span className="font-medium">{words.what}</span>
          </span>
          <span className="min-w-0 flex-1 truncate text-muted">{words.who}</span>
          {event.kind === 'request' && (
            <span
              className={cx(
                'shrink-0 tabular-nums',
                denied ? 'font-medium text-danger-ink' : failed(event) ? 'font-medium text-warn-ink' : 'text-muted',
              )}
            >
              {event.answered ?? event.status ?? ''}
            </span>
          )}
          {event.latencyMs !== undefined && (
            <span className="w-14 shrink-0 text-right text-muted tabular-nums">{formatLatency(event.latencyMs)}</span>
          )}
        </span>
        {denied && event.reason !== undefined && (
          <span className="truncate text-danger-ink" title={event.reason}>
            Denied: {event.reason}
          </span>
        )}
      </span>
    </span>
  );
}

/** Height of that row in a list. */
export function eventRowHeight(event: AuditEvent): 40 | 56 {
  return event.decision === 'denied' && event.reason !== undefined ? 56 : 40;
}
