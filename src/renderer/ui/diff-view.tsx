import { diffLines } from '../lib/diff-lines.ts';
import { cx } from './cx.ts';

const SIGNS = { same: ' ', added: '+', removed: '−' } as const;

/** What changes from one text to another, line by line. */
export function DiffView({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = diffLines(before, after);
  if (lines.every((line) => line.kind === 'same')) return <p className="text-muted">No changes.</p>;
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, by keyboard too
      tabIndex={0}
      className="max-h-120 overflow-auto rounded-control border border-line outline-none focus-visible:focus-ring"
    >
      <ol className="mono w-max min-w-full py-1.5 leading-5">
        {lines.map((line) => (
          <li
            key={`${line.kind} ${line.number}`}
            className={cx(
              'flex px-3 whitespace-pre',
              line.kind === 'added' && 'bg-accent-soft text-accent-ink',
              line.kind === 'removed' && 'bg-danger-soft text-danger-ink',
            )}
          >
            <span aria-hidden="true" className="w-8 shrink-0 pr-3 text-right text-muted select-none">
              {line.number}
            </span>
            <span className="w-4 shrink-0 select-none" aria-hidden="true">
              {SIGNS[line.kind]}
            </span>
            {line.kind !== 'same' && <span className="sr-only">{line.kind}: </span>}
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
