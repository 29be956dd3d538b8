import type { MfaPrompt } from '../../../contract/schemas.ts';
import { call } from '../../api/keyhold.ts';
import { promptStore } from '../../api/live.ts';
import { useStore } from '../../lib/store.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { claimStore } from './claimed-prompts.ts';
import { ASK_TITLES, secondsLeft } from './key-words.ts';
import { ASK_ICONS } from './touch-panel.tsx';

/** What waits for a security key and was begun elsewhere: a tool at the door, a terminal. It never takes the focus. */
export function KeyPrompts() {
  const claimed = useStore(claimStore);
  const prompts = useStore(promptStore).filter(({ purpose }) => !claimed.includes(purpose));
  const [first, ...others] = prompts;
  return (
    <div role="status" aria-live="polite">
      {first !== undefined && <KeyPrompt key={first.id} prompt={first} waiting={others.length} />}
    </div>
  );
}

function KeyPrompt({ prompt, waiting }: { prompt: MfaPrompt; waiting: number }) {
  const now = useNow(1000);
  const Icon = ASK_ICONS[prompt.ask];
  return (
    <div className="pointer-events-auto flex w-72 max-w-full animate-slide-in flex-col gap-2 rounded-panel border border-accent-line bg-float p-3 shadow-float">
      <div className="flex gap-3">
        <span
          aria-hidden="true"
          className="flex size-9 shrink-0 items-center justify-center rounded-full border border-accent-line bg-accent-soft text-accent-ink"
        >
          <Icon size={16} className="animate-breathe" />
        </span>
        <div className="flex min-w-0 flex-1 flex-col">
          <p className="font-semibold">{ASK_TITLES[prompt.ask]}</p>
          <p className="break-words">{prompt.message}</p>
        </div>
      </div>
      <div className="flex items-center gap-2 pl-12 text-muted">
        <span className="min-w-0 flex-1">
          <span aria-hidden="true" className="tabular-nums">
            {secondsLeft(prompt, now)} left
          </span>
          {waiting > 0 && ` · ${waiting} more after this`}
        </span>
        <Button size="compact" onPress={() => void call('mfa.cancel', { prompt: prompt.id }).catch(() => undefined)}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
