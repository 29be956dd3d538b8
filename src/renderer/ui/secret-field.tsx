import { Eye, EyeOff } from 'lucide-react';
import { type RefObject, useId, useImperativeHandle, useRef, useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import { cx } from './cx.ts';

/** What a form may do with a typed secret. The text lives in the input element only, never in React's state. */
export interface SecretHandle {
  /** The text as UTF-8 bytes; the caller wipes them. */
  bytes(): Uint8Array;
  isEmpty(): boolean;
  equals(other: SecretHandle | null): boolean;
  text(): string;
  set(text: string): void;
  clear(): void;
  focus(): void;
}

export interface SecretFieldProps {
  label: string;
  handle: RefObject<SecretHandle | null>;
  hint?: string;
  error?: string | null;
  optional?: boolean;
  placeholder?: string;
  mono?: boolean;
  autoFocus?: boolean;
  /** After every edit; reads the text through the handle if it must. */
  onEdit?: () => void;
  onBlur?: () => void;
  className?: string;
}

export function SecretField({
  label,
  handle,
  hint,
  error,
  optional = false,
  placeholder,
  mono = false,
  autoFocus = false,
  onEdit,
  onBlur,
  className,
}: SecretFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);

  useImperativeHandle(handle, () => {
    const text = () => input.current?.value ?? '';
    const set = (next: string) => {
      if (input.current !== null) input.current.value = next;
    };
    return {
      bytes: () => new TextEncoder().encode(text()),
      isEmpty: () => text() === '',
      equals: (other) => other !== null && other.text() === text(),
      text,
      set,
      clear: () => {
        set('');
        setShown(false);
      },
      focus: () => input.current?.focus(),
    };
  });

  const invalid = error !== undefined && error !== null && error !== '';
  const note = invalid ? error : hint;
  const inputId = useId();
  const noteId = useId();
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <label htmlFor={inputId} className="flex items-baseline gap-2 font-medium">
        {label}
        {optional && <span className="font-normal text-muted">optional</span>}
      </label>
      <div
        className={cx(
          'flex h-8 items-center rounded-control border bg-canvas',
          invalid
            ? 'border-danger-ink focus-within:shadow-[0_0_0_1px_var(--danger-ink)]'
            : 'border-control focus-within:border-focus focus-within:shadow-[0_0_0_1px_var(--focus)]',
        )}
      >
        {/* A plain input: React Aria's text field would keep the text in React's state. */}
        <input
          ref={input}
          id={inputId}
          type={shown ? 'text' : 'password'}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the one field of a dialog or of the unlock screen
          autoFocus={autoFocus}
          placeholder={placeholder}
          aria-invalid={invalid || undefined}
          aria-describedby={note === undefined ? undefined : noteId}
          onInput={onEdit}
          onBlur={onBlur}
          className={cx('h-full min-w-0 flex-1 bg-transparent px-2.5 text-ink outline-none', mono && 'mono')}
        />
        <ToggleButton
          isSelected={shown}
          onChange={setShown}
          aria-label={`Show ${label.toLowerCase()}`}
          className="mr-0.5 flex size-7 items-center justify-center rounded-control text-muted outline-none data-hovered:text-ink data-focus-visible:focus-ring"
        >
          {shown ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
        </ToggleButton>
      </div>
      {note !== undefined && (
        <span id={noteId} className={invalid ? 'text-danger-ink' : 'text-muted'}>
          {note}
        </span>
      )}
    </div>
  );
}
