import type { MfaPrompt } from '../../../contract/schemas.ts';
import { call } from '../../api/keyhold.ts';
import { promptStore } from '../../api/live.ts';
import { useStore } from '../../lib/store.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { claimStore } from './claimed-prompts.ts';
import { ASK_TITLES, secondsLeft } from './key-words.ts';
import { ASK_ICONS } from './touch-panel.tsx';

const PURPOSES: Readonly<Record<MfaPrompt['purpose'], string>> = {
  unlock: 'To unlock the vault',
  authorize: 'To prove that it is you',
  enroll: 'To enrol it',
  slot: 'To let it open the vault',
  test: 'To test it',
  manage: 'To manage it',
  reset: 'To erase it',
  gate: 'To use a guarded secret',
};

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
    <div className="pointer-events-auto flex w-88 max-w-full animate-slide-in flex-col gap-2 rounded-panel border border-accent-line bg-float p-3 shadow-float">
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
          {PURPOSES[prompt.purpose]}
          <span aria-hidden="true" className="tabular-nums">
            {' · '}
            {secondsLeft(prompt, now)}
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
