import { CircleX, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { WireError } from '../../contract/errors.ts';
import { cx } from './cx.ts';

const TONES = {
  info: {
    box: 'border-line bg-panel',
    icon: <Info size={16} className="text-muted" aria-hidden="true" />,
    word: 'Note',
  },
  warning: {
    box: 'border-warn-line bg-warn-soft',
    icon: <TriangleAlert size={16} className="text-warn-ink" aria-hidden="true" />,
    word: 'Attention',
  },
  error: {
    box: 'border-danger-line bg-danger-soft',
    icon: <CircleX size={16} className="text-danger-ink" aria-hidden="true" />,
    word: 'Error',
  },
} as const;

export interface CalloutProps {
  tone: keyof typeof TONES;
  title?: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** Spoken at once by screen readers. */
  live?: boolean;
  className?: string;
}

export function Callout({ tone, title, children, actions, live = false, className }: CalloutProps) {
  const look = TONES[tone];
  return (
    <div
      {...(live ? { role: tone === 'error' ? 'alert' : 'status' } : {})}
      className={cx('flex gap-2.5 rounded-control border px-3 py-2', look.box, className)}
    >
      <span className="flex h-5 shrink-0 items-center">{look.icon}</span>
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <span className="sr-only">{look.word}:</span>
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children !== undefined && <div className="break-words">{children}</div>}
        {actions !== undefined && <div className="flex flex-wrap gap-2 pt-1">{actions}</div>}
      </div>
    </div>
  );
}

/** What happened, in the daemon's own sentence, with its details folded. */
export function ErrorCallout({ error, actions, title }: { error: WireError; actions?: ReactNode; title?: string }) {
  return (
    <Callout
      tone="error"
      live
      {...(title === undefined ? {} : { title })}
      {...(actions === undefined ? {} : { actions })}
    >
      <p>{error.message}</p>
      <ErrorDetails error={error} />
    </Callout>
  );
}

export function ErrorDetails({ error }: { error: WireError }) {
  return (
    <details className="mt-1 text-muted">
      <summary className="w-fit rounded-control outline-none focus-visible:focus-ring">Details</summary>
      <pre className="mt-1 max-h-40 overflow-auto whitespace-pre-wrap break-words">
        {[error.code, ...(error.details === undefined ? [] : [JSON.stringify(error.details, null, 2)])].join('\n')}
      </pre>
    </details>
  );
}
