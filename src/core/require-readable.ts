import { KeyholdError } from '../contract/errors.ts';
import type { DraftItem } from './draft.ts';
import { RECORD_SCHEMAS } from './record-schemas.ts';

/** Records held against their schemas at a stretch, at some 4 µs each, before whatever else waits gets its turn. */
const SLICE = 1024;

/**
 * Sees to it that what is about to be written can be read again: a record that could not would keep all of its kind shut from the next unlock on. Throws
 * `Internal`, with nothing written.
 */
export async function requireReadable(items: readonly DraftItem[]): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    if (!('put' in item)) continue;
    const parsed = RECORD_SCHEMAS[item.put].safeParse(item.value);
    if (parsed.success) continue;
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new KeyholdError(
      'Internal',
      `Nothing was changed: a record ${item.put} could not have been read again (${field}). That is a defect of Keyhold; please report it.`,
    );
  }
}
