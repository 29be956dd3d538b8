import type { Core } from '../core.ts';
import type { Found } from '../things.ts';
import { removeClient } from './removal.ts';

/** How long after an unlock a command may take to hold its client again when the daemon was restarted under it. */
export const COMES_BACK_WITHIN_MS = 30_000;

/** Removes the clients of commands whose connections have ended. While the vault is locked they wait for the unlock. */
export async function removeEndedClients(core: Core): Promise<void> {
  const ended = core.leases.ended();
  if (ended.length === 0 || core.lifecycle.state() !== 'unlocked') return;
  await remove(core, 'its command ended', ({ value }) => ended.includes(value.accessKeyId));
  core.leases.forget(ended);
}

/** Removes the clients of commands that an earlier daemon knew and that have not come back to this one. */
export function removeAbandonedClients(core: Core): Promise<void> {
  const { leases, shell } = core;
  const abandoned = ({ value }: Found<'client'>): boolean =>
    value.createdAt < shell.startedAt && !leases.isHeld(value.accessKeyId);
  return remove(core, 'its command has not come back', abandoned);
}

function remove(core: Core, reason: string, isGone: (client: Found<'client'>) => boolean): Promise<void> {
  const session = core.session();
  return session.write(
    'daemon',
    (draft) => {
      for (const client of session.things.all('client')) {
        if (client.value.purpose === 'exec' && isGone(client)) removeClient(draft, client, reason);
      }
      return () => undefined;
    },
    ['client'],
  );
}
