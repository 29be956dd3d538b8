import type { ReactNode, RefObject } from 'react';
import {
  FieldError as AriaFieldError,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  Input,
  Label,
  Text,
  TextArea,
} from 'react-aria-components';
import { cx } from './cx.ts';

export const INPUT =
  'h-8 w-full min-w-0 rounded-control border border-control bg-canvas px-2.5 text-ink outline-none ' +
  'data-focused:border-focus data-focused:shadow-[0_0_0_1px_var(--focus)] ' +
  'data-invalid:border-danger-ink data-focused:data-invalid:border-danger-ink data-focused:data-invalid:shadow-[0_0_0_1px_var(--danger-ink)] ' +
  'data-disabled:opacity-50';

export function FieldLabel({
  children,
  optional = false,
  hidden = false,
}: {
  children: ReactNode;
  optional?: boolean;
  hidden?: boolean;
}) {
  return (
    <Label className={hidden ? 'sr-only' : 'flex items-baseline gap-2 font-medium'}>
      {children}
      {optional && <span className="font-normal text-muted">optional</span>}
    </Label>
  );
}

export function FieldHint({ children }: { children: ReactNode }) {
  return (
    <Text slot="description" className="text-muted">
      {children}
    </Text>
  );
}

export function FieldError({ children }: { children?: ReactNode }) {
  return <AriaFieldError className="text-danger-ink">{children}</AriaFieldError>;
}

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'className' | 'children'> {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  optional?: boolean;
  /** The name is beside it already; screen readers still hear it. */
  hideLabel?: boolean;
  placeholder?: string;
  mono?: boolean;
  multiline?: boolean;
  inputRef?: RefObject<HTMLInputElement | null>;
  className?: string;
}

/** A labelled text field. The hint gives way to the error, so that the form does not jump. */
export function TextField({
  label,
  hint,
  error,
  optional = false,
  hideLabel = false,
  placeholder,
  mono = false,
  multiline = false,
  inputRef,
  className,
  ...props
}: TextFieldProps) {
  const invalid = error !== undefined && error !== null && error !== '';
  return (
    <AriaTextField
      autoComplete="off"
      spellCheck="false"
      {...props}
      isInvalid={invalid}
      validationBehavior="aria"
      className={cx('flex flex-col gap-1', className)}
    >
      <FieldLabel optional={optional} hidden={hideLabel}>
        {label}
      </FieldLabel>
      {multiline ? (
        <TextArea
          rows={3}
          {...(placeholder === undefined ? {} : { placeholder })}
          className={cx(INPUT, 'h-auto resize-y py-1.5', mono && 'mono')}
        />
      ) : (
        <Input
          {...(inputRef === undefined ? {} : { ref: inputRef })}
          {...(placeholder === undefined ? {} : { placeholder })}
          className={cx(INPUT, mono && 'mono')}
        />
      )}
      {hint !== undefined && !invalid && <FieldHint>{hint}</FieldHint>}
      <FieldError>{error}</FieldError>
    </AriaTextField>
  );
}
