import { Check, TriangleAlert } from 'lucide-react';
import type { Rotation } from '../../../contract/rotation.ts';
import { formatClock, formatDate, formatExact } from '../../lib/format.ts';
import { cx } from '../../ui/cx.ts';
import { type StepRow, stepRows } from './rotation-words.ts';

const SPOKEN: Readonly<Record<StepRow['state'], string>> = {
  done: 'Done',
  now: 'Under way',
  halted: 'Stopped',
  todo: 'To do',
};

/** The saga, step by step, with what was seen at each. */
export function RotationSteps({ rotation }: { rotation: Rotation }) {
  const rows = stepRows(rotation);
  return (
    <ol aria-label="Steps" className="flex flex-col">
      {rows.map((row, index) => (
        <li
          key={row.step}
          aria-current={row.state === 'now' || row.state === 'halted' ? 'step' : undefined}
          className="flex gap-3"
        >
          <span className="flex flex-col items-center">
            <Dot state={row.state} />
            {index < rows.length - 1 && (
              <span className={cx('w-px flex-1', row.state === 'done' ? 'bg-accent' : 'bg-line')} />
            )}
          </span>
          <span className="flex min-w-0 flex-1 flex-col pb-4">
            <span className={cx(row.state === 'todo' ? 'text-muted' : 'font-medium')}>
              {row.label}
              <span className="sr-only">: {SPOKEN[row.state]}</span>
            </span>
            {row.evidence.map((entry) => (
              <span key={`${entry.at} ${entry.text}`} className="flex flex-wrap gap-x-3 text-muted">
                <time dateTime={entry.at} title={formatExact(entry.at)} className="shrink-0 tabular-nums">
                  {formatDate(entry.at)}, {formatClock(entry.at)}
                </time>
                <span className="min-w-0 flex-1 basis-56 break-words">{entry.text}</span>
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Dot({ state }: { state: StepRow['state'] }) {
  const round = 'flex size-5 shrink-0 items-center justify-center rounded-full border';
  switch (state) {
    case 'done':
      return (
        <span className={cx(round, 'border-accent bg-accent text-on-accent')}>
          <Check size={12} strokeWidth={3} aria-hidden="true" />
        </span>
      );
    case 'now':
      return (
        <span className={cx(round, 'border-accent')}>
          <span className="size-2 rounded-full bg-accent" />
        </span>
      );
    case 'halted':
      return (
        <span className={cx(round, 'border-warn-line bg-warn-soft text-warn-ink')}>
          <TriangleAlert size={12} aria-hidden="true" />
        </span>
      );
    case 'todo':
      return <span className={cx(round, 'border-control')} />;
  }
}
