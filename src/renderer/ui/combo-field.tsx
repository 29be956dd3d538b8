import { ChevronDown } from 'lucide-react';
import { Button, ComboBox, Group, Input, ListBox, ListBoxItem, Popover } from 'react-aria-components';
import { cx } from './cx.ts';
import { FieldError, FieldHint, FieldLabel } from './field.tsx';

/** A text field with suggestions; what is typed need not be one of them. */
export function ComboField({
  label,
  value,
  onChange,
  onBlur,
  suggestions,
  hint,
  error,
  placeholder,
  optional = false,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  suggestions: readonly string[];
  hint?: string;
  error?: string | null;
  placeholder?: string;
  optional?: boolean;
}) {
  const invalid = error !== undefined && error !== null && error !== '';
  return (
    <ComboBox
      allowsCustomValue
      inputValue={value}
      onInputChange={onChange}
      isInvalid={invalid}
      validationBehavior="aria"
      {...(onBlur === undefined ? {} : { onBlur })}
      className="flex flex-col gap-1"
    >
      <FieldLabel optional={optional}>{label}</FieldLabel>
      <Group
        className={cx(
          'flex h-8 items-center rounded-control border bg-canvas',
          invalid
            ? 'border-danger-ink data-focus-within:shadow-[0_0_0_1px_var(--danger-ink)]'
            : 'border-control data-focus-within:border-focus data-focus-within:shadow-[0_0_0_1px_var(--focus)]',
        )}
      >
        <Input
          spellCheck="false"
          {...(placeholder === undefined ? {} : { placeholder })}
          className="h-full min-w-0 flex-1 bg-transparent px-2.5 outline-none"
        />
        <Button className="flex size-8 items-center justify-center text-muted outline-none">
          <ChevronDown size={16} aria-hidden="true" />
        </Button>
      </Group>
      {hint !== undefined && !invalid && <FieldHint>{hint}</FieldHint>}
      <FieldError>{error}</FieldError>
      <Popover
        offset={4}
        className="max-h-64 w-(--trigger-width) animate-fade-in overflow-auto rounded-panel border border-line bg-float p-1 shadow-float"
      >
        <ListBox className="outline-none" items={suggestions.map((suggestion) => ({ id: suggestion }))}>
          {(item) => (
            <ListBoxItem
              id={item.id}
              textValue={item.id}
              className="flex min-h-8 items-center rounded-control px-2 break-all outline-none data-focused:bg-hover data-selected:font-medium"
            >
              {item.id}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
