import { Copy, Timer } from 'lucide-react';
import { useEffect, useState } from 'react';
import { HELD_SECONDS, type HeldState } from '../lib/clipboard.ts';
import { pageClipboard } from '../lib/page-clipboard.ts';
import { Button } from './button.tsx';

const WORDS: Readonly<Record<HeldState, string>> = {
  waiting:
    'The secret is in the clipboard until you come back to this window, which then empties the clipboard, whatever is in it.',
  emptied: 'The clipboard was emptied.',
  'still there': 'The secret is still in the clipboard: copy something else over it.',
  replaced: '',
};

/**
 * Copies a secret and empties the clipboard again after a visible countdown, or once the window has the focus again. Where the browser lets it do neither, the button says that the secret is
 * still there. `text` may be a function, for what should not be a string before it has to be.
 */
export function CopySecretButton({
  text,
  label,
  size,
}: {
  text: string | (() => string);
  label: string;
  size?: 'compact' | 'regular';
}) {
  const [left, setLeft] = useState<number | null>(null);
  const [message, setMessage] = useState('');

  useEffect(() => {
    if (left === null || left <= 0) return;
    const timer = window.setTimeout(() => setLeft(left - 1), 1000);
    return () => window.clearTimeout(timer);
  }, [left]);

  const copy = async () => {
    try {
      await pageClipboard.hold(typeof text === 'string' ? text : text(), (state) => {
        setLeft(null);
        setMessage(WORDS[state]);
      });
    } catch {
      setMessage('The browser refused to copy. Select the text and copy it yourself.');
      return;
    }
    setMessage('Copied.');
    setLeft(HELD_SECONDS);
  };

  return (
    <span className="inline-flex items-center gap-2">
      <Button
        {...(size === undefined ? {} : { size })}
        icon={left === null ? <Copy size={16} aria-hidden="true" /> : <Timer size={16} aria-hidden="true" />}
        onPress={() => void copy()}
      >
        {left === null ? label : `Copied, clears in ${left} s`}
      </Button>
      <span role="status" className={left === null && message !== '' ? 'text-muted' : 'sr-only'}>
        {message}
      </span>
    </span>
  );
}
