import { Check } from 'lucide-react';
import { cx } from './cx.ts';

/** Where one is in a row of steps. Steps that are done can be gone back to. */
export function Steps({
  label,
  steps,
  current,
  onGo,
}: {
  label: string;
  steps: readonly string[];
  current: number;
  onGo: (step: number) => void;
}) {
  return (
    <nav aria-label={label} className="shrink-0 border-b border-line px-5 py-2">
      <ol className="flex flex-wrap items-center gap-x-5 gap-y-1">
        {steps.map((step, index) => {
          const done = index < current;
          return (
            <li key={step} aria-current={index === current ? 'step' : undefined}>
              <button
                type="button"
                disabled={!done}
                onClick={() => onGo(index)}
                className={cx(
                  'flex h-7 items-center gap-2 rounded-control pr-1 outline-none focus-visible:focus-ring',
                  index === current ? 'font-medium text-ink' : 'text-muted',
                  done && 'hover:text-ink',
                )}
              >
                <span
                  className={cx(
                    'flex size-5 shrink-0 items-center justify-center rounded-full border tabular-nums',
                    done
                      ? 'border-accent bg-accent text-on-accent'
                      : index === current
                        ? 'border-accent text-accent-ink'
                        : 'border-control',
                  )}
                >
                  {done ? <Check size={12} strokeWidth={3} aria-label="Done" /> : index + 1}
                </span>
                {step}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
