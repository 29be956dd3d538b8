import type { ReactNode } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { cx } from './cx.ts';

export interface RadioCard {
  id: string;
  title: string;
  text?: ReactNode;
  note?: string;
}

/** One of a few, each said in a sentence. */
export function RadioCards({
  label,
  cards,
  value,
  onChange,
  hideLabel = false,
  columns = 1,
}: {
  label: string;
  cards: readonly RadioCard[];
  value: string | null;
  onChange: (id: string) => void;
  hideLabel?: boolean;
  columns?: 1 | 2;
}) {
  return (
    <RadioGroup value={value} onChange={onChange} className="flex flex-col gap-1.5">
      <Label className={hideLabel ? 'sr-only' : 'font-medium'}>{label}</Label>
      <div className={cx('grid gap-1.5', columns === 2 && 'wide:grid-cols-2')}>
        {cards.map((card) => (
          <Radio
            key={card.id}
            value={card.id}
            className="group flex gap-2.5 rounded-control border border-line px-3 py-2 outline-none data-focus-visible:focus-ring data-hovered:bg-hover data-selected:border-accent data-selected:bg-active"
          >
            <span className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-control bg-canvas group-data-selected:border-accent">
              <span className="size-2 rounded-full bg-accent opacity-0 group-data-selected:opacity-100" />
            </span>
            <span className="flex min-w-0 flex-1 flex-col">
              <span className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-medium">{card.title}</span>
                {card.note !== undefined && <span className="text-muted">{card.note}</span>}
              </span>
              {card.text !== undefined && <span className="text-muted">{card.text}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
