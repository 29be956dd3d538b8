import { Copy, Timer } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';

const HELD_SECONDS = 30;

type End = 'emptied' | 'still there';

/** Empties the clipboard when the time is up, whether or not the button that filled it is still on the page. */
function emptyLater(): Promise<End> {
  return new Promise((resolve) => {
    window.setTimeout(() => {
      navigator.clipboard.writeText('').then(
        () => resolve('emptied'),
        () => resolve('still there'),
      );
    }, HELD_SECONDS * 1000);
  });
}

/**
 * Copies a secret and empties the clipboard again after a visible countdown. A page without the focus may not write to the
 * clipboard: then the button says that the secret is still there. `text` may be a function, for what should not be a string before it has to be.
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
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
    } catch {
      setMessage('The browser refused to copy. Select the text and copy it yourself.');
      return;
    }
    setMessage('Copied.');
    if (left !== null) return;
    setLeft(HELD_SECONDS);
    const end = await emptyLater();
    setLeft(null);
    setMessage(
      end === 'emptied'
        ? 'The clipboard was emptied.'
        : 'The secret is still in the clipboard: copy something else over it.',
    );
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
