import type { ReactNode } from 'react';

/** The head of a record's detail: its name, what it is, what can be done with it. */
export function DetailHead({
  title,
  within,
  subtitle,
  badges,
  actions,
}: {
  title: string;
  /** What it belongs to, before the title. */
  within?: string;
  subtitle?: ReactNode;
  badges?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="flex max-w-192 flex-col gap-2 px-6 pt-5 pb-4">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="min-w-0 text-display font-semibold break-words">
          {within !== undefined && <span className="font-normal text-muted">{within} / </span>}
          {title}
        </h2>
        {badges}
      </div>
      {subtitle !== undefined && (
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted">{subtitle}</div>
      )}
      {actions !== undefined && <div className="flex flex-wrap items-center gap-2 pt-2">{actions}</div>}
    </header>
  );
}

/** A middle dot between two facts. */
export function Dot() {
  return <span aria-hidden="true">·</span>;
}
