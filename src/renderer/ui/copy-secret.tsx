import { Copy, Timer } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

const HELD_SECONDS = 30;

/**
 * Copies a secret and empties the clipboard again after a visible countdown. A page without the focus may not write to the
 * clipboard: then the button says that the secret is still there.
 */
export function CopySecretButton({ text, label, size }: { text: string; label: string; size?: 'compact' | 'regular' }) {
  const [left, setLeft] = useState<number | null>(null);
  const [message, setMessage] = useState('');

  useEffect(() => {
    if (left === null) return;
    if (left > 0) {
      const timer = window.setTimeout(() => setLeft(left - 1), 1000);
      return () => window.clearTimeout(timer);
    }
    setLeft(null);
    navigator.clipboard.writeText('').then(
      () => setMessage('The clipboard was emptied.'),
      () => setMessage('The secret is still in the clipboard: copy something else over it.'),
    );
    return;
  }, [left]);

  return (
    <span className="inline-flex items-center gap-2">
      <Button
        {...(size === undefined ? {} : { size })}
        icon={left === null ? <Copy size={16} aria-hidden="true" /> : <Timer size={16} aria-hidden="true" />}
        onPress={() => {
          navigator.clipboard.writeText(text).then(
            () => {
              setMessage('Copied.');
              setLeft(HELD_SECONDS);
            },
            () => setMessage('The browser refused to copy. Select the text and copy it yourself.'),
          );
        }}
      >
        {left === null ? label : `Copied, clears in ${left} s`}
      </Button>
      <span role="status" className={left === null && message !== '' ? 'text-muted' : 'sr-only'}>
        {message}
      </span>
    </span>
  );
}
