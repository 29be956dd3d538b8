import { X } from 'lucide-react';
import { type ClipboardEventHandler, type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { IconButton } from './button.tsx';
import { cx } from './cx.ts';

const WIDTHS = { small: 'max-w-105', medium: 'max-w-130', large: 'max-w-180' } as const;

export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  width?: keyof typeof WIDTHS;
  /** What Escape does instead of closing, e.g. one step back. */
  onStepBack?: () => void;
  /** False for what must be answered, e.g. a secret shown once. */
  isDismissable?: boolean;
  role?: 'dialog' | 'alertdialog';
  children: ReactNode;
}

/** A modal dialog. Escape and the close button step back once; a click outside does not, so that nothing typed is lost. */
export function Dialog({
  title,
  isOpen,
  onClose,
  width = 'medium',
  onStepBack,
  isDismissable = true,
  role = 'dialog',
  children,
}: DialogProps) {
  const dialog = useRef<HTMLElement>(null);
  useKeepFocus(dialog);
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) (onStepBack ?? onClose)();
      }}
      isKeyboardDismissDisabled={!isDismissable}
      className="fixed inset-0 z-20 flex animate-fade-in items-center justify-center bg-scrim p-4"
    >
      <Modal
        className={cx(
          'flex max-h-full w-full flex-col overflow-hidden rounded-panel border border-line bg-float shadow-float',
          WIDTHS[width],
        )}
      >
        <AriaDialog ref={dialog} role={role} className="flex min-h-0 flex-col outline-none">
          <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line pr-2.5 pl-5">
            <Heading slot="title" className="min-w-0 flex-1 truncate text-title font-semibold">
              {title}
            </Heading>
            {isDismissable && (
              <IconButton
                label="Close"
                {...(onStepBack === undefined ? { hint: 'Esc' } : {})}
                icon={<X size={16} aria-hidden="true" />}
                onPress={onClose}
              />
            )}
          </header>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** A button that is disabled while it works loses the focus to nothing, where Escape is not heard: it goes back to where it was. */
function useKeepFocus(dialog: RefObject<HTMLElement | null>): void {
  const last = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const note = (event: FocusEvent) => {
      if (event.target instanceof HTMLElement && dialog.current?.contains(event.target) === true)
        last.current = event.target;
    };
    document.addEventListener('focusin', note);
    return () => document.removeEventListener('focusin', note);
  }, [dialog]);
  useEffect(() => {
    if (document.activeElement !== document.body) return;
    last.current?.focus();
    if (document.activeElement === document.body) dialog.current?.focus();
  });
}

export function DialogBody({
  children,
  className,
  onPaste,
  readLabel,
}: {
  children: ReactNode;
  className?: string;
  onPaste?: ClipboardEventHandler;
  /** Its name where there is nothing in it but text: then it takes the focus itself, so that keys scroll it. */
  readLabel?: string;
}) {
  const classes = cx('flex min-h-0 flex-col gap-4 overflow-y-auto px-5 py-4', className);
  if (readLabel !== undefined) {
    return (
      <section
        aria-label={readLabel}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, by keyboard too
        tabIndex={0}
        className={cx(classes, 'outline-none focus-visible:focus-ring')}
      >
        {children}
      </section>
    );
  }
  return (
    <div onPaste={onPaste} className={classes}>
      {children}
    </div>
  );
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return (
    <footer className="flex shrink-0 flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">
      {children}
    </footer>
  );
}
