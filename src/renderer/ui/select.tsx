import { Check, ChevronDown } from 'lucide-react';
import { Select as AriaSelect, Button, ListBox, ListBoxItem, Popover, SelectValue } from 'react-aria-components';
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
  const invalid = error !== undefined && error !== null && error !== '';
  return (
    <AriaSelect
      value={value}
      onChange={(key) => {
        if (typeof key === 'string') onChange(key);
      }}
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
        className="max-h-72 min-w-(--trigger-width) animate-fade-in overflow-auto rounded-panel border border-line bg-float p-1 shadow-float outline-none"
      >
        <ListBox className="outline-none" items={choices}>
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
      </Popover>
    </AriaSelect>
  );
}
