import { failuresAsError } from '../../lib/do-each.ts';
import { formatCount } from '../../lib/format.ts';
import { inBulk } from '../../lib/in-bulk.ts';
import { notify } from '../../ui/toast-store.ts';

export interface ManyWords<T> {
  /** `Disabling` */
  doing: string;
  /** `Disabled` */
  done: string;
  /** `3 access keys`, or the name of a single one. */
  what: string;
  /** What is said where there is none to change. */
  none: string;
  nameOf: (item: T) => string;
}

/** Changes things one after the other and says which were refused, with a way back for those that were changed. Never rejects. */
export async function setMany<T>(
  items: readonly T[],
  words: ManyWords<T>,
  change: (item: T) => Promise<unknown>,
  undo?: (changed: T[]) => void,
): Promise<void> {
  if (items.length === 0) {
    notify({ message: words.none });
    return;
  }
  const { done, failed } = await inBulk(`${words.doing} ${words.what}`, items, change);
  const all = done.length === items.length;
  const said = all ? `${words.done} ${words.what}.` : `${words.done} ${formatCount(done.length)} of ${words.what}.`;
  const action = undo === undefined || done.length === 0 ? {} : { action: { label: 'Undo', run: () => undo(done) } };
  const refused = failuresAsError(failed, words.nameOf, items.length);
  if (refused === null) {
    notify({ message: said, ...action });
    return;
  }
  notify({ message: done.length === 0 ? refused.message : `${said} ${refused.message}`, tone: 'error', ...action });
}
