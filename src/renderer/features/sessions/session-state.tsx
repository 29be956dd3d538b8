import { CircleCheck, CircleDashed, CircleX, Hourglass, RefreshCw } from 'lucide-react';
import { useNow } from '../../lib/use-now.ts';
import { Badge } from '../../ui/badge.tsx';
import type { LiveSession } from './session-queries.ts';
import { remainingShare, remainingWords, type SessionState, stateAt, stateWord } from './session-words.ts';

const LOOKS = {
  none: { tone: 'plain', Icon: CircleDashed },
  active: { tone: 'good', Icon: CircleCheck },
  expired: { tone: 'plain', Icon: Hourglass },
  refused: { tone: 'bad', Icon: CircleX },
} as const satisfies Record<SessionState, unknown>;

export function SessionBadge({ session }: { session: LiveSession }) {
  const now = useNow(1000);
  if (session.refreshing) return <Badge icon={<RefreshCw size={12} aria-hidden="true" />}>asking AWS</Badge>;
  const state = stateAt(session, now);
  const { tone, Icon } = LOOKS[state];
  return (
    <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
      {stateWord(state)}
    </Badge>
  );
}

/** The time that is left, second by second, with a bar for the share of it. */
export function Remaining({ session }: { session: LiveSession }) {
  const now = useNow(1000);
  const words = remainingWords(session, now);
  if (words === null) return null;
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      <span className="tabular-nums">{words} left</span>
      <span aria-hidden="true" className="flex h-1 w-32 overflow-hidden rounded-full bg-pressed">
        <span className="rounded-full bg-accent" style={{ width: `${remainingShare(session, now) * 100}%` }} />
      </span>
    </span>
  );
}

/** For a row: the time left, or the state where there is none. */
export function RemainingMark({ session }: { session: LiveSession }) {
  const now = useNow(1000);
  const state = stateAt(session, now);
  const words = remainingWords(session, now);
  if (session.refreshing) return <span className="text-muted">asking AWS</span>;
  if (state === 'active' && words !== null) return <span className="text-muted tabular-nums">{words}</span>;
  const { Icon } = LOOKS[state];
  return (
    <span
      className={
        state === 'refused'
          ? 'flex items-center gap-1 font-medium text-danger-ink'
          : 'flex items-center gap-1 text-muted'
      }
    >
      <Icon size={12} aria-hidden="true" />
      {stateWord(state)}
    </span>
  );
}
