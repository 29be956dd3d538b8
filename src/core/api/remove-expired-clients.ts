import type { Core } from '../core.ts';
import type { Actor } from '../draft.ts';
import { removeClient } from './removal.ts';

/** Removes clients that were made for one run or one profile and have expired. A person's own clients stay, marked as expired. */
export async function removeExpiredClients(core: Core, actor: Actor): Promise<void> {
  const session = core.session();
  const now = core.ports.clock.now();
  await session.write(actor, (draft) => {
    for (const client of session.things.all('client')) {
      const { purpose, expiresAt } = client.value;
      if (purpose !== 'tool' && expiresAt !== undefined && expiresAt <= now) removeClient(draft, client, 'expired');
    }
    return () => undefined;
  });
}
