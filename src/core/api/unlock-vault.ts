import { ifRoom } from '../disk-full.ts';
import type { HsmClient } from '../hsm/client.ts';
import type { Session } from '../session.ts';
import { clearUnlockFailures } from '../vault/unlock-failures.ts';
import { unlockVault as unlockFile } from '../vault/unlock-vault.ts';
import { afterUnlock } from './after-unlock.ts';
import { keepsProcess, requireSecret, throttled } from './authorize.ts';
import { openSession } from './create-vault.ts';
import type { CallContext, Handler } from './handler.ts';
import { DISK_FULL, noteOrQueue } from './note-or-queue.ts';
import { removeEndedClients } from './remove-ended-clients.ts';

/**
 * Unlocks with whichever slot the secret fits. A wrong secret gets the same answer whatever there is; after five, a growing wait. When the file does
 * not verify, the HSM process that has the root key by then is ended. Answers once the list of records is verified; the records themselves are read
 * when they are needed. With a full disk it unlocks all the same: reading and a backup elsewhere are what helps then. Nothing is signed, because the audit log admits
 * nobody while an entry waits.
 */
export const unlockVault: Handler<'vault.unlock'> = async (call, input) => {
  const { core, actor } = call;
  const { lifecycle } = core;
  await lifecycle.exclusively(async () => {
    if (lifecycle.state() === 'unlocked') {
      await requireSecret(call, input.secret);
      return;
    }
    const vault = lifecycle.vault();
    const hsm = lifecycle.hsm();
    try {
      await throttled(call, 'vault.unlock', () =>
        unlockFile(vault, hsm, {
          secret: input.secret,
          ...(input.acceptRollback === undefined ? {} : { acceptRollback: input.acceptRollback }),
        }),
      );
      const session = await enter(call, hsm);
      await removeEndedClients(core).catch((error: unknown) => core.ports.log.error('an ended client', { error }));
      afterUnlock(core, session, actor);
    } catch (error) {
      if (!keepsProcess(error)) {
        vault.lockNow();
        await lifecycle.keeper.replace();
      }
      throw error;
    }
  });
  return core.status();
};

async function enter({ core, actor }: CallContext, hsm: HsmClient): Promise<Session> {
  const session = await openSession(core, hsm);
  await ifRoom(() => clearUnlockFailures(session.vault));
  const { tampered } = session.vault.pending ?? { tampered: [] };
  const recorded = await noteOrQueue(core, session, actor, 'vault.unlock');
  core.lifecycle.enter(session);
  if (!recorded) {
    core.ports.log.warn(DISK_FULL);
    core.emit({ type: 'notice', level: 'warning', message: DISK_FULL });
  }
  if (tampered.length > 0) {
    const what = tampered.slice(0, 3).join('; ') + (tampered.length > 3 ? '; …' : '');
    const message = `The audit log was changed while the vault was locked: ${what}. What is known is in the log.`;
    core.ports.log.error(message);
    core.emit({ type: 'notice', level: 'error', message });
  }
  return session;
}
