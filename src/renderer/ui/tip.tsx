import type { ReactElement } from 'react';
import { Tooltip, TooltipTrigger } from 'react-aria-components';

/** A short explanation on hover and on keyboard focus. The child is a button or link of this set. */
export function Tip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {children}
      <Tooltip
        offset={6}
        className="pointer-events-none max-w-72 animate-fade-in rounded-control bg-ink px-2 py-1 text-canvas shadow-float"
      >
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}
