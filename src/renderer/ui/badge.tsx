import type { ReactNode } from 'react';
import { cx } from './cx.ts';

const TONES = {
  plain: 'border-line bg-panel text-muted',
  good: 'border-accent-line bg-accent-soft text-accent-ink',
  warn: 'border-warn-line bg-warn-soft text-warn-ink',
  bad: 'border-danger-line bg-danger-soft text-danger-ink',
} as const;

/** A state in one word with its icon: never colour alone. */
export function Badge({
  tone = 'plain',
  icon,
  children,
}: {
  tone?: keyof typeof TONES;
  icon?: ReactNode;
  children: ReactNode;
}) {
  return (
    <span
      className={cx(
        'inline-flex h-5 shrink-0 items-center gap-1 rounded-full border px-2 leading-none font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      {icon}
      {children}
    </span>
  );
}
