import { onForget } from '../../lib/list-state.ts';
import { createStore, useStore } from '../../lib/store.ts';

/** Policies that are being written, by the record id of their key: kept while other tabs, keys and screens are shown, and forgotten with the lock. */
export const policyDrafts = createStore<ReadonlyMap<string, string>>(new Map());
onForget(() => policyDrafts.set(new Map()));

/** The draft of one key; undefined where nothing differs from what is saved. */
export function usePolicyDraft(keyId: string): string | undefined {
  return useStore(policyDrafts).get(keyId);
}

/** Keeps what was typed; what is as saved is no draft, so that another's change shows. */
export function draftPolicy(keyId: string, text: string, saved: string): void {
  policyDrafts.set((drafts) => {
    if (text === saved ? !drafts.has(keyId) : drafts.get(keyId) === text) return drafts;
    const next = new Map(drafts);
    if (text === saved) next.delete(keyId);
    else next.set(keyId, text);
    return next;
  });
}

/** Ends the draft whose text was saved; what was typed since then stays one. */
export function endPolicyDraft(keyId: string, text: string): void {
  policyDrafts.set((drafts) => {
    if (drafts.get(keyId) !== text) return drafts;
    const next = new Map(drafts);
    next.delete(keyId);
    return next;
  });
}
