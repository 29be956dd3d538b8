import { formatSeconds } from '../../lib/format.ts';
import { Callout } from '../../ui/callout.tsx';

/** After too many wrong attempts: when the next one is allowed. */
export function TooSoon({ left }: { left: number }) {
  if (left === 0) return null;
  return (
    <Callout tone="warning" live>
      Too many wrong attempts. You can try again in <span className="tabular-nums">{formatSeconds(left)}</span>.
    </Callout>
  );
}
