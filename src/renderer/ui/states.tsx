import type { ReactNode } from 'react';
import type { WireError } from '../../contract/errors.ts';
import { useLate } from '../lib/use-late.ts';
import { Button } from './button.tsx';
import { ErrorDetails } from './callout.tsx';
import { CodeLine } from './code.tsx';
import { cx } from './cx.ts';

export interface EmptyStateProps {
  title: string;
  children?: ReactNode;
  /** One command that does the same. */
  command?: string;
  action?: ReactNode;
}

/** Nothing here yet: what this is for, one command to copy and one button. */
export function EmptyState({ title, children, command, action }: EmptyStateProps) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-3 px-6 py-8 text-center">
      <h2 className="text-title font-semibold">{title}</h2>
      {children !== undefined && <p className="max-w-88 text-muted">{children}</p>}
      {action}
      {command !== undefined && (
        <div className="flex w-full max-w-112 flex-col gap-1 pt-2 text-left">
          <span className="text-muted">Or from a terminal</span>
          <CodeLine text={command} />
        </div>
      )}
    </div>
  );
}

/** A list or page that could not be read: what happened, what is safe, what to do. */
export function ErrorState({
  error,
  onRetry,
  what,
  within = false,
}: {
  error: WireError;
  onRetry: () => void;
  what: string;
  /** It stands below the page’s own heading. */
  within?: boolean;
}) {
  const Heading = within ? 'h2' : 'h1';
  return (
    <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-3 px-6 py-8 text-center">
      <Heading className="text-title font-semibold">{what} could not be read</Heading>
      <p className="max-w-96">{error.message}</p>
      <p className="max-w-96 text-muted">Nothing in the vault was changed.</p>
      <Button onPress={onRetry}>Try again</Button>
      <div className="max-w-96 text-left">
        <ErrorDetails error={error} />
      </div>
    </div>
  );
}

/** Grey bars in the shape of rows, from 150 ms on. */
export function RowsSkeleton({ rows = 6, height = 40 }: { rows?: number; height?: 32 | 40 }) {
  const late = useLate(true);
  return (
    <div role="status" aria-label="Loading" className="flex flex-col">
      {late &&
        Array.from({ length: rows }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: identical bars have nothing else to be told apart by
          <div key={index} className={cx('flex items-center gap-3 px-4', height === 40 ? 'h-10' : 'h-8')}>
            <span className={cx('h-3 animate-breathe rounded-control bg-pressed', index % 3 === 1 ? 'w-24' : 'w-36')} />
            <span className="h-3 flex-1 animate-breathe rounded-control bg-hover" />
          </div>
        ))}
    </div>
  );
}
