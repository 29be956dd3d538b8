import { asWireError } from '../../api/error.ts';
import { formatCount } from '../../lib/format.ts';
import { inBulk } from '../../ui/bulk-store.ts';
import { notify } from '../../ui/toast-store.ts';

export interface ManyWords {
  /** `Disabling` */
  doing: string;
  /** `Disabled` */
  done: string;
  /** `3 access keys`, or the name of a single one. */
  what: string;
  /** What is said where there is none to change. */
  none: string;
}

/** Changes things one after the other and says how far it came, with a way back for those that were changed. Never rejects. */
export async function setMany<T>(
  items: readonly T[],
  words: ManyWords,
  change: (item: T) => Promise<unknown>,
  undo?: (changed: T[]) => void,
): Promise<void> {
  if (items.length === 0) {
    notify({ message: words.none });
    return;
  }
  const { done, failure } = await inBulk(`${words.doing} ${words.what}`, items, change);
  const all = done.length === items.length;
  const said = all ? `${words.done} ${words.what}.` : `${words.done} ${formatCount(done.length)} of ${words.what}.`;
  const action = undo === undefined || done.length === 0 ? {} : { action: { label: 'Undo', run: () => undo(done) } };
  if (failure === null) {
    notify({ message: said, ...action });
    return;
  }
  const { message } = asWireError(failure.error);
  notify({ message: done.length === 0 ? message : `${said} ${message}`, tone: 'error', ...action });
}
