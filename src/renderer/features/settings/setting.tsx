import type { ReactNode } from 'react';

/** One setting: what it is on the left, its control on the right. */
export function Setting({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-8 gap-y-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="flex min-w-56 flex-1 flex-col">
        <h3 className="font-medium">{title}</h3>
        {text !== undefined && <div className="text-muted">{text}</div>}
      </div>
      <div className="flex max-w-full flex-wrap items-center gap-2">{children}</div>
    </div>
  );
}

export function SettingGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <h2 className="text-title font-semibold">{title}</h2>
      <div className="rounded-panel border border-line">{children}</div>
    </section>
  );
}
