import { Fingerprint, type LucideIcon, Pointer, RefreshCw, Usb } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { MfaPrompt } from '../../../contract/schemas.ts';
import { useLate } from '../../lib/use-late.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { WorkBar } from '../../ui/progress.tsx';
import { ASK_TITLES, secondsLeft } from './key-words.ts';
import type { KeyWork } from './use-key-work.ts';

export const ASK_ICONS: Readonly<Record<MfaPrompt['ask'], LucideIcon>> = {
  insert: Usb,
  replug: RefreshCw,
  touch: Pointer,
  select: Pointer,
  verify: Fingerprint,
};

/** What has to be done with the key, in the place where it was begun. */
export function TouchPanel({
  prompt,
  note,
  onCancel,
}: {
  prompt: MfaPrompt | null;
  /** Which of several touches this is. */
  note?: string;
  onCancel: () => void;
}) {
  const now = useNow(1000);
  const cancelNow = useRef(onCancel);
  cancelNow.current = onCancel;
  const calledOff = useRef(false);
  useEffect(() => {
    // Before the dialog around it hears it: Escape steps back once. The next one is the dialog's, however long the key takes to let go.
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || calledOff.current) return;
      calledOff.current = true;
      event.preventDefault();
      event.stopPropagation();
      cancelNow.current();
    };
    window.addEventListener('keydown', onKeyDown, true);
    return () => window.removeEventListener('keydown', onKeyDown, true);
  }, []);
  return (
    <div data-key-busy="" className="flex flex-col items-center gap-4 py-2 text-center">
      <div role="status" className="flex w-full flex-col items-center gap-4">
        {prompt === null ? (
          <div className="w-full py-8 text-left">
            <WorkBar label="Waiting for the key to answer…" />
          </div>
        ) : (
          <>
            <KeySign ask={prompt.ask} />
            <div className="flex flex-col gap-1">
              <p className="text-title font-semibold">{ASK_TITLES[prompt.ask]}</p>
              <p className="text-muted">{prompt.message}</p>
              {note !== undefined && <p className="text-muted">{note}</p>}
            </div>
          </>
        )}
      </div>
      <div className="flex items-center gap-3">
        {prompt !== null && (
          <span className="text-muted tabular-nums" aria-hidden="true">
            {secondsLeft(prompt, now)} left
          </span>
        )}
        <Button onPress={onCancel} autoFocus>
          Cancel
        </Button>
      </div>
    </div>
  );
}

/** A form in a dialog: while the key works, its own Cancel is the only button. */
export const KEY_FORM = 'flex min-h-0 flex-col has-[[data-key-busy]]:[&>footer]:hidden';

/** What is filled in, and in its place, while the key works, what has to be done with it. Nothing that was typed is lost. */
export function KeyWorkArea({ work, note, children }: { work: KeyWork; note?: string; children: ReactNode }) {
  const late = useLate(work.working);
  const busy = work.prompt !== null || late;
  const filled = useRef<HTMLDivElement>(null);
  const last = useRef<HTMLElement | null>(null);
  useEffect(() => {
    if (work.working) return;
    const wrong = filled.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (wrong !== null && wrong !== undefined) wrong.focus();
    // The button that called it off is gone, and the focus with it.
    else if (document.activeElement === document.body) last.current?.focus();
  }, [work.working]);
  return (
    <>
      {busy && <TouchPanel prompt={work.prompt} onCancel={work.cancel} {...(note === undefined ? {} : { note })} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only notes where the focus was */}
      <div
        ref={filled}
        onFocus={({ target }) => {
          last.current = target;
        }}
        className={busy ? 'hidden' : 'flex flex-col gap-4'}
      >
        {children}
      </div>
    </>
  );
}

/** A key's sign; rings go out from it while it waits to be touched. */
export function KeySign({ ask }: { ask: MfaPrompt['ask'] }) {
  const Icon = ASK_ICONS[ask];
  const waits = ask === 'touch' || ask === 'select' || ask === 'verify';
  return (
    <span aria-hidden="true" className="relative flex size-24 items-center justify-center">
      {waits && (
        <>
          <span className="absolute inset-3 animate-ring rounded-full border border-accent motion-reduce:hidden" />
          <span className="absolute inset-3 animate-ring rounded-full border border-accent [animation-delay:1.2s] motion-reduce:hidden" />
        </>
      )}
      <span className="relative flex size-16 items-center justify-center rounded-full border border-accent-line bg-accent-soft text-accent-ink">
        <Icon size={24} strokeWidth={1.75} />
      </span>
    </span>
  );
}
