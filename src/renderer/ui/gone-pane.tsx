import type { RefObject } from 'react';
import { Button } from './button.tsx';

/** In the place of a record that is no longer there. */
export function GonePane({
  pane,
  what,
  noun,
  onLeave,
}: {
  pane: RefObject<HTMLElement | null>;
  /** What was shown until then; null where a link led here. */
  what: string | null;
  noun: string;
  onLeave: () => void;
}) {
  return (
    <article
      ref={pane}
      aria-label="No longer here"
      // The focus may have gone with the record, and Escape leads back to the list from here.
      tabIndex={-1}
      className="flex min-w-0 flex-1 flex-col items-center justify-center gap-3 bg-panel px-6 text-center outline-none focus-visible:shadow-[inset_0_0_0_2px_var(--focus)]"
    >
      <h2 className="text-title font-semibold break-words">
        {what === null ? `This ${noun} is not here` : `${what} is no longer here`}
      </h2>
      <p className="max-w-88 text-muted">
        {what === null
          ? 'It was removed, or the link leads to another vault.'
          : 'It was removed, or does not belong in this list any more.'}
      </p>
      <Button onPress={onLeave}>Choose another</Button>
    </article>
  );
}
