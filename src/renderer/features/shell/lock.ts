import type { QueryClient } from '@tanstack/react-query';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { acceptStatus } from '../../api/live.ts';
import { notify } from '../../ui/toast-store.ts';
import { closeDialog } from '../dialogs/dialog-store.ts';

/** Locks the vault: the HSM process ends and this page forgets what it showed. */
export async function lockVault(queries: QueryClient): Promise<void> {
  try {
    const status = await call('vault.lock', {});
    closeDialog();
    acceptStatus(status, queries);
  } catch (error) {
    notify({ message: asWireError(error).message, tone: 'error' });
  }
}
