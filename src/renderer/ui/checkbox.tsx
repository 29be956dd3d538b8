import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Checkbox as AriaCheckbox } from 'react-aria-components';

export function Checkbox({
  isSelected,
  onChange,
  children,
}: {
  isSelected: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
}) {
  return (
    <AriaCheckbox isSelected={isSelected} onChange={onChange} className="group flex items-start gap-2 outline-none">
      <span className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-[4px] border border-control bg-canvas group-data-focus-visible:focus-ring group-data-selected:border-accent group-data-selected:bg-accent">
        <Check
          size={12}
          strokeWidth={3}
          aria-hidden="true"
          className="invisible text-on-accent group-data-selected:visible"
        />
      </span>
      <span className="min-w-0">{children}</span>
    </AriaCheckbox>
  );
}
