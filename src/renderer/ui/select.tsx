import { Check, ChevronDown, Search } from 'lucide-react';
import { useState } from 'react';
import {
  Select as AriaSelect,
  Autocomplete,
  Button,
  Input,
  ListBox,
  ListBoxItem,
  ListLayout,
  Popover,
  SearchField,
  SelectValue,
  useFilter,
  Virtualizer,
} from 'react-aria-components';
import { cx } from './cx.ts';
import { FieldError, FieldHint, FieldLabel } from './field.tsx';

export interface Choice {
  id: string;
  label: string;
  /** A second, quieter text, e.g. an id. */
  note?: string;
}

export interface SelectProps {
  label: string;
  choices: readonly Choice[];
  value: string | null;
  onChange: (id: string) => void;
  hint?: string;
  error?: string | null;
  placeholder?: string;
  isDisabled?: boolean;
  optional?: boolean;
  /** The name is beside it already; screen readers still hear it. */
  hideLabel?: boolean;
  onBlur?: () => void;
  className?: string;
}

/** More choices than this are searched, and only those in view are drawn. */
const MANY = 50;
const ROW_HEIGHT = 32;

export function Select({
  label,
  choices,
  value,
  onChange,
  hint,
  error,
  placeholder = 'Choose…',
  isDisabled = false,
  optional = false,
  hideLabel = false,
  onBlur,
  className,
}: SelectProps) {
  const [open, setOpen] = useState(false);
  const invalid = error !== undefined && error !== null && error !== '';
  const many = choices.length > MANY;
  // Thousands of choices are read when they are asked for, not with every form that has them.
  const items = many && !open ? choices.filter((choice) => choice.id === value) : choices;
  return (
    <AriaSelect
      value={value}
      onChange={(key) => {
        if (typeof key === 'string') onChange(key);
      }}
      isOpen={open}
      onOpenChange={setOpen}
      placeholder={placeholder}
      isDisabled={isDisabled}
      isInvalid={invalid}
      validationBehavior="aria"
      {...(onBlur === undefined ? {} : { onBlur })}
      className={cx('flex flex-col gap-1', className)}
    >
      <FieldLabel optional={optional} hidden={hideLabel}>
        {label}
      </FieldLabel>
      <Button
        className={cx(
          'flex h-8 w-full items-center gap-2 rounded-control border bg-canvas px-2.5 text-left outline-none',
          'data-disabled:opacity-50',
          invalid
            ? 'border-danger-ink data-focus-visible:shadow-[0_0_0_1px_var(--danger-ink)]'
            : 'border-control data-focus-visible:border-focus data-focus-visible:shadow-[0_0_0_1px_var(--focus)]',
        )}
      >
        <SelectValue className="min-w-0 flex-1 truncate data-placeholder:text-muted">
          {({ defaultChildren, selectedText }) => (selectedText ? selectedText : defaultChildren)}
        </SelectValue>
        <ChevronDown size={16} aria-hidden="true" className="text-muted" />
      </Button>
      {hint !== undefined && !invalid && <FieldHint>{hint}</FieldHint>}
      <FieldError>{error}</FieldError>
      <Popover
        offset={4}
        className={cx(
          'min-w-(--trigger-width) animate-fade-in rounded-panel border border-line bg-float shadow-float outline-none',
          many ? 'overflow-hidden' : 'max-h-72 overflow-auto p-1',
        )}
      >
        {many ? <SearchedChoices label={label} items={items} /> : <Choices items={items} />}
      </Popover>
    </AriaSelect>
  );
}

function SearchedChoices({ label, items }: { label: string; items: readonly Choice[] }) {
  const { contains } = useFilter({ sensitivity: 'base' });
  return (
    <Autocomplete filter={contains}>
      <SearchField
        aria-label={`Search: ${label}`}
        autoFocus
        className="flex h-9 items-center gap-2 border-b border-line px-3"
      >
        <Search size={16} aria-hidden="true" className="shrink-0 text-muted" />
        <Input
          placeholder="Search"
          className="h-full min-w-0 flex-1 bg-transparent outline-none [&::-webkit-search-cancel-button]:hidden"
        />
      </SearchField>
      <Virtualizer layout={ListLayout} layoutOptions={{ rowHeight: ROW_HEIGHT }}>
        <Choices items={items} className="h-64 overflow-auto" />
      </Virtualizer>
    </Autocomplete>
  );
}

function Choices({ items, className }: { items: readonly Choice[]; className?: string }) {
  return (
    <ListBox
      className={cx('outline-none', className)}
      items={items}
      renderEmptyState={() => <p className="px-3 py-2 text-muted">Nothing matches.</p>}
    >
      {(choice) => (
        <ListBoxItem
          id={choice.id}
          textValue={choice.label}
          className="group flex h-8 items-center gap-2 rounded-control px-2 outline-none data-focused:bg-hover"
        >
          <Check size={16} aria-hidden="true" className="invisible text-accent-ink group-data-selected:visible" />
          <span className="min-w-0 flex-1 truncate">{choice.label}</span>
          {choice.note !== undefined && <span className="mono text-muted">{choice.note}</span>}
        </ListBoxItem>
      )}
    </ListBox>
  );
}
