import type { Account, Profile } from '../../../contract/schemas.ts';
import { createStore } from '../../lib/store.ts';

export type Subject = 'key' | 'account' | 'profile' | 'client';

/** Any dialog that more than one screen can open. */
export type DialogRequest =
  | { kind: 'palette' }
  | { kind: 'help' }
  | { kind: 'account.add' }
  | { kind: 'account.edit'; account: Account }
  | { kind: 'key.add'; account?: string }
  | { kind: 'profile.add'; key?: string }
  | { kind: 'profile.edit'; profile: Profile }
  | { kind: 'client.add'; profile?: string }
  | { kind: 'remove'; subject: Subject; names: readonly string[] };

export const dialogStore = createStore<DialogRequest | null>(null);

export function openDialog(request: DialogRequest): void {
  dialogStore.set(request);
}

export function closeDialog(): void {
  dialogStore.set(null);
}
