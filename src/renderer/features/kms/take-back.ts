import type { QueryClient } from '@tanstack/react-query';
import { asWireError } from '../../api/error.ts';
import { notify } from '../../ui/toast-store.ts';
import { refreshKms } from './kms-queries.ts';

/** Undoes a change from its toast. No mutation of the screen that made it: that may be gone by then, and would tell nobody that it was refused. */
export async function takeBack(queries: QueryClient, undo: () => Promise<unknown>): Promise<void> {
  try {
    await undo();
  } catch (error) {
    notify({ message: asWireError(error).message, tone: 'error' });
  } finally {
    await refreshKms(queries);
  }
}
