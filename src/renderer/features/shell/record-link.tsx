import type { ReactNode } from 'react';
import { formatRoute, navigate, type Screen } from '../../lib/router.ts';

/** A link to a record on another screen. */
export function RecordLink({ screen, id, children }: { screen: Screen; id: string | null; children: ReactNode }) {
  return (
    <a
      href={formatRoute({ screen, id })}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        navigate(screen, id);
      }}
      className="min-w-0 truncate rounded-control font-medium text-accent-ink underline decoration-accent-line underline-offset-3 outline-none hover:decoration-current focus-visible:focus-ring"
    >
      {children}
    </a>
  );
}
