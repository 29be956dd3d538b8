import { KeyholdError } from '../../contract/errors.ts';
import { ifRoom } from '../disk-full.ts';
import type { HsmClient } from '../hsm/client.ts';
import type { SlotRow } from '../hsm/protocol.ts';
import { isDamage } from '../mirrors/reasons.ts';
import type { Session } from '../session.ts';
import type { Vault } from '../vault/store.ts';
import { clearUnlockFailures } from '../vault/unlock-failures.ts';
import { unlockVault as unlockFile } from '../vault/unlock-vault.ts';
import { afterUnlock } from './after-unlock.ts';
import { keepsProcess, requireWayIn, throttled, withGiven } from './authorize.ts';
import { openSession } from './create-vault.ts';
import type { CallContext, Handler } from './handler.ts';
import { settleMirrorList } from './mirror-list.ts';
import { DISK_FULL, noteOrQueue } from './note-or-queue.ts';
import { openOrRebuild, preferBetterCopy, rebuildAfterFailure, type UnlockInput } from './rebuild-vault.ts';
import { removeEndedClients } from './remove-ended-clients.ts';

/**
 * Unlocks with whichever slot the secret fits. A wrong secret gets the same answer whatever there is; after five, a growing wait. When the file does
 * not verify, the HSM process that has the root key by then is ended. Answers once the list of records is verified; the records themselves are read
 * when they are needed. With a full disk it unlocks all the same: reading and a backup elsewhere are what helps then. Nothing is signed, because the audit log admits
 * nobody while an entry waits.
 *
 * A file that is gone, does not verify or is not the newest is first replaced by a mirror, where one is better; the caller, whose secret was sealed to the process that
 * verified it, gets `StaleSealKey` and asks again.
 */
export const unlockVault: Handler<'vault.unlock'> = async (call, input) => {
  const { core } = call;
  const { acceptRollback } = input;
  const more = acceptRollback === undefined ? {} : { acceptRollback };
  await withGiven(call, input.secret, 'unlock', async (given) => {
    // Before anything of the vault waits for the person. Of a vault that is lost or damaged the slots are those of its mirrors.
    const slots = readableSlots(core.lifecycle.openedVault());
    if (slots !== null) await given.of(slots);
    await unlockGiven(call, { secret: (slots) => given.of(slots), ...more });
  });
  return core.status();
};

function readableSlots(vault: Vault | null): SlotRow[] | null {
  try {
    return vault?.slots() ?? null;
  } catch {
    // What is wrong with the file is found, and said, by the unlock itself.
    return null;
  }
}

async function unlockGiven(call: CallContext, input: UnlockInput): Promise<void> {
  const { core, actor } = call;
  const { lifecycle } = core;
  await lifecycle.exclusively(async () => {
    if (lifecycle.state() === 'unlocked') {
      await requireWayIn(call, await input.secret(core.session().vault.slots()));
      return;
    }
    await core.mirrors.opened();
    const held = core.mirrors.heldByOther(core.shell.pid);
    if (held !== null) throw held;
    const vault = await openOrRebuild(call, input);
    const hsm = lifecycle.hsm();
    try {
      await throttled(call, 'vault.unlock', async () =>
        unlockFile(vault, hsm, {
          secret: await input.secret(vault.slots()),
          ...(input.acceptRollback === undefined ? {} : { acceptRollback: input.acceptRollback }),
        }),
      );
      await preferBetterCopy(call, input, vault);
      const session = await enter(call, hsm);
      await removeEndedClients(core).catch((error: unknown) => core.ports.log.error('an ended client', { error }));
      afterUnlock(core, session, actor);
    } catch (error) {
      await rebuildAfterFailure(call, input, vault, error);
      if (!keepsProcess(error)) {
        vault.lockNow();
        if (error instanceof KeyholdError && isDamage(error)) lifecycle.foundDamaged(error);
        await lifecycle.keeper.replace();
      }
      throw error;
    }
  });
}

async function enter({ core, actor }: CallContext, hsm: HsmClient): Promise<Session> {
  const session = await openSession(core, hsm);
  await ifRoom(() => clearUnlockFailures(session.vault));
  const { tampered } = session.vault.pending ?? { tampered: [] };
  const recorded = await noteOrQueue(core, session, actor, 'vault.unlock');
  core.lifecycle.enter(session);
  await settleMirrorList(core, session).catch((error: unknown) =>
    core.ports.log.error('the list of mirrors', { error }),
  );
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
