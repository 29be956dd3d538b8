import { useEffect, useState } from 'react';
import { formatSeconds } from '../../lib/format.ts';
import { Callout } from '../../ui/callout.tsx';

/** After too many wrong attempts: when the next one is allowed. */
export function TooSoon({ left }: { left: number }) {
  const waiting = left > 0;
  const [said, setSaid] = useState('');
  // Said once at its beginning and once at its end: the seconds are for the eye alone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => {
    if (waiting) setSaid(`Too many wrong attempts. The next one is possible in ${formatSeconds(left)}.`);
    else setSaid((before) => (before === '' ? '' : 'The next attempt is possible now.'));
  }, [waiting]);
  return (
    <>
      <span role="status" className="sr-only">
        {said}
      </span>
      {waiting && (
        <Callout tone="warning">
          Too many wrong attempts. You can try again in <span className="tabular-nums">{formatSeconds(left)}</span>.
        </Callout>
      )}
    </>
  );
}
