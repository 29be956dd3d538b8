import { useId } from 'react';
import { CopyButton } from '../../../ui/code.tsx';

/** What came out: selectable, with a button to copy it. */
export function Output({ label, text }: { label: string; text: string }) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <span id={id} className="font-medium">
        {label}
      </span>
      <div className="flex items-start rounded-control border border-line bg-panel">
        <output
          aria-labelledby={id}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, by keyboard too
          tabIndex={0}
          className="mono max-h-32 min-h-8 min-w-0 flex-1 overflow-auto rounded-control px-2.5 py-1.5 break-all whitespace-pre-wrap outline-none focus-visible:focus-ring"
        >
          {text}
        </output>
        <div className="p-0.5">
          <CopyButton text={text} label={`Copy the ${label.toLowerCase()}`} />
        </div>
      </div>
    </div>
  );
}
