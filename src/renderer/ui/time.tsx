import { formatExact, formatRelative } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';

/** An instant told from now, with the exact value on hover. */
export function RelativeTime({ instant, className }: { instant: string; className?: string }) {
  const now = useNow();
  return (
    <time dateTime={instant} title={formatExact(instant)} className={className}>
      {formatRelative(instant, now)}
    </time>
  );
}
