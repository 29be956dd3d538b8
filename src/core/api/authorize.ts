import { KeyholdError } from '../../contract/errors.ts';
import { ifRoom } from '../disk-full.ts';
import { makeEvent } from '../draft.ts';
import { assertAttemptAllowed } from '../unlock-throttle.ts';
import { clearUnlockFailures, noteUnlockFailure, unlockFailures } from '../vault/unlock-failures.ts';
import type { UnlockSecret } from '../vault/unlock-vault.ts';
import type { CallContext } from './handler.ts';

/** Tries a secret under the growing wait; a wrong one is counted in the vault file and enters the audit log. */
export async function throttled<T>(
  { core, actor }: CallContext,
  action: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const vault = core.lifecycle.openedVault();
  const now = core.ports.clock.now();
  if (vault !== null) assertAttemptAllowed(unlockFailures(vault), now);
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof KeyholdError && error.code === 'WrongSecret') {
      // The HSM process counts as well, so a full disk opens no way around the wait.
      if (vault !== null) await ifRoom(() => noteUnlockFailure(vault, now));
      const event = makeEvent(core.ports, { action, actor, decision: 'denied', reason: 'wrong secret' });
      core.lifecycle.audit()?.record(event);
      core.emit({ type: 'audit', event });
      core.lifecycle.parts.onState();
    }
    throw error;
  }
}

/**
 * Asks again for a secret of the unlocked vault, before a way in is changed. Answers the slot's index. Throws `WrongSecret` or `TooManyAttempts`,
 * counted like a failed unlock.
 */
export async function requireSecret(call: CallContext, secret: UnlockSecret): Promise<number> {
  const session = call.core.session();
  const slot = await throttled(call, 'vault.authorize', async () => {
    const found = await session.hsm.call('checkSecret', { secret, slots: session.vault.slots() });
    if (found.slot === null) {
      throw new KeyholdError('WrongSecret', 'The password or recovery code is wrong. Check it and try again.');
    }
    return found.slot;
  });
  await ifRoom(() => clearUnlockFailures(session.vault));
  return slot;
}

/** True for refusals that leave the HSM process as it was: the caller's next secret still fits it. */
export function keepsProcess(error: unknown): boolean {
  if (!(error instanceof KeyholdError)) return false;
  return ['WrongSecret', 'TooManyAttempts', 'StaleSealKey', 'InvalidInput'].includes(error.code);
}
