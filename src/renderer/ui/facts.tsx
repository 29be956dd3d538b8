import type { ReactNode } from 'react';

/** Names and values of one record. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[minmax(96px,max-content)_minmax(0,1fr)] gap-x-6 gap-y-2">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 break-words [&_button]:-my-1">{children}</dd>
    </>
  );
}

/** One part of a page or of a record's detail. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="border-t border-line px-6 py-5">
      <div className="flex max-w-180 flex-col gap-3">
        <h3 className="font-semibold">{title}</h3>
        {children}
      </div>
    </section>
  );
}
