import { Search, X } from 'lucide-react';
import type { RefObject } from 'react';
import { SearchField as AriaSearchField, Button, Input } from 'react-aria-components';
import { cx } from './cx.ts';

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  inputRef?: RefObject<HTMLInputElement | null>;
  /** Down arrow and Enter leave the field for the list below. */
  onLeave?: () => void;
  /** In a dialog the key “/” belongs to nobody. */
  hasKey?: boolean;
  className?: string;
}

export function SearchField({ label, value, onChange, inputRef, onLeave, hasKey = true, className }: SearchFieldProps) {
  return (
    <AriaSearchField
      aria-label={label}
      value={value}
      onChange={onChange}
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown' || event.key === 'Enter') {
          event.preventDefault();
          onLeave?.();
        } else {
          event.continuePropagation();
        }
      }}
      className={cx(
        'group flex h-8 min-w-0 items-center gap-2 rounded-control border border-control bg-canvas px-2.5',
        'focus-within:border-focus focus-within:shadow-[0_0_0_1px_var(--focus)]',
        className,
      )}
    >
      <Search size={16} aria-hidden="true" className="shrink-0 text-muted" />
      <Input
        {...(inputRef === undefined ? {} : { ref: inputRef })}
        placeholder={label}
        className="h-full min-w-0 flex-1 bg-transparent outline-none [&::-webkit-search-cancel-button]:hidden"
      />
      {value === '' ? (
        hasKey && <kbd className="rounded-control border border-line px-1.5 text-muted">/</kbd>
      ) : (
        <Button
          aria-label="Clear the search"
          className="-mr-1 flex size-6 items-center justify-center rounded-control text-muted"
        >
          <X size={16} aria-hidden="true" />
        </Button>
      )}
    </AriaSearchField>
  );
}
