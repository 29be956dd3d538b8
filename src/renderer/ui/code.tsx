import { Check, Copy } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { pageClipboard } from '../lib/page-clipboard.ts';
import { IconButton } from './button.tsx';
import { cx } from './cx.ts';

/** Copies text that is no secret, and says so for two seconds. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const show = (next: 'copied' | 'failed') => {
    setState(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setState('idle'), 2000);
  };
  return (
    <>
      <IconButton
        label={state === 'copied' ? 'Copied' : state === 'failed' ? 'Could not copy: select the text instead' : label}
        icon={
          state === 'copied' ? (
            <Check size={16} aria-hidden="true" className="text-accent-ink" />
          ) : (
            <Copy size={16} aria-hidden="true" />
          )
        }
        onPress={() => {
          pageClipboard.copy(text).then(
            () => show('copied'),
            () => show('failed'),
          );
        }}
      />
      <span role="status" className="sr-only">
        {state === 'copied' ? 'Copied' : ''}
      </span>
    </>
  );
}

/** One command on one line, with a copy button. */
export function CodeLine({ text, className }: { text: string; className?: string }) {
  return (
    <div className={cx('flex h-9 items-center gap-1 rounded-control border border-line bg-panel pr-1 pl-3', className)}>
      <code
        className="min-w-0 flex-1 overflow-x-auto rounded-control whitespace-nowrap outline-none [scrollbar-width:none] focus-visible:focus-ring"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long command scrolls, by keyboard too
        tabIndex={0}
      >
        {text}
      </code>
      <CopyButton text={text} label="Copy command" />
    </div>
  );
}

/** Several lines to copy as one. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex items-start rounded-control border border-line bg-panel">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long block scrolls, by keyboard too
        tabIndex={0}
        className="min-w-0 flex-1 overflow-x-auto rounded-control py-2 pl-3 outline-none focus-visible:focus-ring"
      >
        <pre>{text}</pre>
      </section>
      <div className="p-1">
        <CopyButton text={text} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
