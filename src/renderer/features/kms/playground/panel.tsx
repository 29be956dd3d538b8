import type { ReactNode } from 'react';

/** One of the forms of this screen. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex min-w-0 flex-col gap-4 rounded-panel border border-line p-5">
      <h2 className="text-title font-semibold">{title}</h2>
      {children}
    </section>
  );
}
