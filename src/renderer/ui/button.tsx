import { type ReactNode, useEffect, useRef } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { cx } from './cx.ts';
import { Tip } from './tip.tsx';

const BASE =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-control font-medium whitespace-nowrap outline-none ' +
  'transition-colors duration-100 data-focus-visible:focus-ring data-disabled:opacity-50';

const VARIANTS = {
  primary: 'bg-accent text-on-accent data-hovered:bg-accent-hover data-pressed:bg-accent-pressed',
  secondary: 'border border-line bg-canvas text-ink data-hovered:bg-hover data-pressed:bg-pressed',
  ghost: 'text-ink data-hovered:bg-hover data-pressed:bg-pressed',
  danger: 'bg-danger text-on-danger data-hovered:bg-danger-hover',
  'danger-ghost': 'text-danger-ink data-hovered:bg-danger-soft data-pressed:bg-danger-soft',
} as const;

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  variant?: keyof typeof VARIANTS;
  size?: 'compact' | 'regular';
  icon?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Button({
  variant = 'secondary',
  size = 'regular',
  icon,
  children,
  className,
  autoFocus = false,
  ...props
}: ButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const first = useRef(autoFocus);
  // At once: React Aria waits a while after a key press, and a dialog that finds the focus nowhere takes it meanwhile.
  useEffect(() => {
    if (first.current) button.current?.focus();
  }, []);
  return (
    <AriaButton
      {...props}
      ref={button}
      className={cx(BASE, VARIANTS[variant], size === 'compact' ? 'h-7 px-2' : 'h-8 px-3', className)}
    >
      {icon}
      {children}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'aria-label'> {
  label: string;
  icon: ReactNode;
  /** Keys that do the same, shown in the tooltip. */
  hint?: string;
  className?: string;
}

/** A button that is only an icon: named for screen readers and, on hover or focus, for everyone. */
export function IconButton({ label, icon, hint, className, ...props }: IconButtonProps) {
  return (
    <Tip text={hint === undefined ? label : `${label} (${hint})`}>
      <AriaButton
        {...props}
        aria-label={label}
        className={cx(
          BASE,
          'size-7 text-muted data-hovered:bg-hover data-hovered:text-ink data-pressed:bg-pressed',
          className,
        )}
      >
        {icon}
      </AriaButton>
    </Tip>
  );
}
