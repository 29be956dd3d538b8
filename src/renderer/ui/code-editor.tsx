import { type RefObject, useId, useRef } from 'react';
import { cx } from './cx.ts';

export interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** The line, from 1, that the error is about. */
  errorLine?: number | null;
  error?: string | null;
  hint?: string;
  isReadOnly?: boolean;
  /** Rows in view. */
  rows?: number;
  editorRef?: RefObject<HTMLTextAreaElement | null>;
}

/** Text of several lines with their numbers, in the fixed font. Tab leaves it, as it leaves every field. */
export function CodeEditor({
  label,
  value,
  onChange,
  errorLine = null,
  error = null,
  hint,
  isReadOnly = false,
  rows = 16,
  editorRef,
}: CodeEditorProps) {
  const id = useId();
  const gutter = useRef<HTMLOListElement>(null);
  const lines = value.split('\n').length;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <div
        className={cx(
          'flex overflow-hidden rounded-control border bg-canvas',
          error === null
            ? 'border-control focus-within:border-focus focus-within:shadow-[0_0_0_1px_var(--focus)]'
            : 'border-danger-ink focus-within:shadow-[0_0_0_1px_var(--danger-ink)]',
        )}
        style={{ height: rows * 20 + 14 }}
      >
        <ol
          ref={gutter}
          aria-hidden="true"
          className="mono shrink-0 overflow-hidden border-r border-line bg-panel py-1.5 text-right leading-5 text-muted select-none"
        >
          {Array.from({ length: lines }, (_, index) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: a line number is its place
              key={index}
              className={cx('min-w-9 px-2', index + 1 === errorLine && 'bg-danger-soft font-semibold text-danger-ink')}
            >
              {index + 1}
            </li>
          ))}
        </ol>
        <textarea
          id={id}
          {...(editorRef === undefined ? {} : { ref: editorRef })}
          value={value}
          readOnly={isReadOnly}
          spellCheck="false"
          autoComplete="off"
          wrap="off"
          aria-invalid={error !== null}
          aria-describedby={error !== null || hint !== undefined ? `${id}-text` : undefined}
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => {
            if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
          className="mono min-w-0 flex-1 resize-none overflow-auto bg-transparent px-3 py-1.5 leading-5 outline-none"
        />
      </div>
      {error !== null ? (
        <p id={`${id}-text`} role="alert" className="text-danger-ink">
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-text`} className="text-muted">
            {hint}
          </p>
        )
      )}
    </div>
  );
}
