import type { ReactNode } from 'react';
import type { Screen } from '../../lib/router.ts';
import { RecordLink } from '../shell/record-link.tsx';

/** One panel of the home screen. */
export function Card({
  title,
  note,
  screen,
  linkLabel,
  children,
}: {
  title: string;
  note?: ReactNode;
  screen: Screen;
  linkLabel: string;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-col overflow-hidden rounded-panel border border-line">
      <header className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="font-semibold">{title}</h2>
        <span className="min-w-0 flex-1 truncate text-muted">{note}</span>
        <RecordLink screen={screen} id={null}>
          {linkLabel}
        </RecordLink>
      </header>
      {children}
    </section>
  );
}

export function CardRow({ onPress, children }: { onPress: () => void; children: ReactNode }) {
  return (
    <li>
      <button
        type="button"
        onClick={onPress}
        className="flex h-10 w-full items-center gap-3 px-4 text-left outline-none hover:bg-hover focus-visible:shadow-[inset_0_0_0_2px_var(--focus)]"
      >
        {children}
      </button>
    </li>
  );
}
