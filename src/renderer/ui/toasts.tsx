import { CircleX, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from '../lib/store.ts';
import { Button, IconButton } from './button.tsx';
import { cx } from './cx.ts';
import { dismissToast, holdToasts, toastStore } from './toast-store.ts';

/** What was just done, with undo, in the corner of the page. */
export function Toasts() {
  const toasts = useStore(toastStore);
  const list = useRef<HTMLDivElement>(null);
  const look = () => holdToasts(list.current?.matches(':hover, :focus-within') === true);
  // One that goes from under the pointer, or with the focus, tells nobody that they have left.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the list
  useEffect(look, [toasts]);
  useEffect(() => () => holdToasts(false), []);
  return (
    <div
      ref={list}
      role="status"
      aria-live="polite"
      onMouseOver={look}
      onMouseLeave={look}
      onFocus={look}
      onBlur={() => window.requestAnimationFrame(look)}
      className={cx('flex flex-col items-end gap-2', toasts.length > 4 && 'max-h-[70vh] overflow-y-auto p-1')}
    >
      {toasts.map((toast) => (
        <div
          key={toast.id}
          className="pointer-events-auto flex min-h-10 max-w-96 animate-slide-in items-center gap-2 rounded-panel border border-line bg-float py-1 pr-1.5 pl-4 shadow-float"
        >
          {toast.tone === 'error' && <CircleX size={16} aria-label="Error" className="shrink-0 text-danger-ink" />}
          <span className="min-w-0 flex-1 py-1 break-words">{toast.message}</span>
          {toast.action !== undefined && (
            <Button
              variant="ghost"
              size="compact"
              onPress={() => {
                toast.action?.run();
                dismissToast(toast.id);
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton
            label="Dismiss"
            icon={<X size={16} aria-hidden="true" />}
            onPress={() => dismissToast(toast.id)}
          />
        </div>
      ))}
    </div>
  );
}
