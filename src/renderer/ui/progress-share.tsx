import type { ReactNode } from 'react';
import { ProgressBar } from 'react-aria-components';

/** Work whose length is known: what is done, how far it is in words, and a bar. */
export function ShareBar({ label, value, children }: { label: string; value: number; children: ReactNode }) {
  const share = Math.min(100, Math.max(0, value * 100));
  return (
    <ProgressBar value={share} aria-label={label} className="flex min-w-0 flex-1 flex-col gap-2">
      <span className="flex min-w-0 items-baseline gap-3">
        <span className="min-w-0 flex-1">{label}</span>
        <span className="shrink-0 text-muted tabular-nums">{children}</span>
      </span>
      <span className="h-1 overflow-hidden rounded-full bg-pressed">
        <svg aria-hidden="true" className="h-full w-full" preserveAspectRatio="none" viewBox="0 0 100 1">
          <rect width={share} height={1} className="fill-accent" />
        </svg>
      </span>
    </ProgressBar>
  );
}
