import type { Hsm } from '../hsm/protocol.ts';
import { USERS_ID } from './kinds.ts';
import type { Rows } from './rows.ts';
import type { ReadState } from './state.ts';

/**
 * Shows the HSM process its users, which it holds against the head that it was unlocked with: before that it commits nothing. Throws `VaultTampered`.
 */
export async function showUsers(hsm: Hsm, rows: Rows, { head }: Pick<ReadState, 'head'>): Promise<void> {
  const page = head.pages.find((one) => one.page === 0);
  const row = rows.record(USERS_ID);
  await hsm.call('openUsers', {
    entries: page?.entries ?? new Uint8Array(),
    record: row === null || row.kind !== 'hsmUsers' ? null : { version: row.version, sealed: row.sealed },
  });
}
