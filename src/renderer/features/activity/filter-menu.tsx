import { ChevronDown } from 'lucide-react';
import { Button } from 'react-aria-components';
import { cx } from '../../ui/cx.ts';
import { Menu } from '../../ui/menu.tsx';

/** A chip that opens a list of values to filter by. */
export function FilterMenu({
  label,
  all,
  value,
  values,
  onChange,
}: {
  label: string;
  all: string;
  value: string | null;
  values: readonly string[];
  onChange: (value: string | null) => void;
}) {
  return (
    <Menu
      label={label}
      trigger={
        <Button
          className={cx(
            'flex h-6 max-w-40 items-center gap-1 rounded-full border pr-1.5 pl-2.5 outline-none data-hovered:bg-hover data-focus-visible:focus-ring',
            value === null ? 'border-line text-muted' : 'border-accent-line bg-accent-soft font-medium text-accent-ink',
          )}
        >
          <span className="truncate">{value === null ? label : `${label}: ${value}`}</span>
          <ChevronDown size={12} aria-hidden="true" className="shrink-0" />
        </Button>
      }
      actions={[
        { id: '', label: all, run: () => onChange(null) },
        ...values.map((one) => ({ id: `value:${one}`, label: one, run: () => onChange(one) })),
      ]}
    />
  );
}
