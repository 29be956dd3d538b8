import type { MfaPrompt } from '../../../contract/schemas.ts';
import { createStore } from '../../lib/store.ts';

type Purpose = MfaPrompt['purpose'];

/** What open dialogs show by themselves, one entry for each that waits. */
export const claimStore = createStore<readonly Purpose[]>([]);

/** Keeps prompts of these purposes out of the corner; answers how to let go of them. */
export function claimPrompts(purposes: readonly Purpose[]): () => void {
  claimStore.set((claimed) => [...claimed, ...purposes]);
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    claimStore.set((claimed) => {
      const left = [...claimed];
      for (const purpose of purposes) left.splice(left.indexOf(purpose), 1);
      return left;
    });
  };
}
