import { KeyholdError } from '../../contract/errors.ts';
import type { MfaPrompt, Secret } from '../../contract/schemas.ts';
import { ifRoom } from '../disk-full.ts';
import { makeEvent } from '../draft.ts';
import type { SlotRow, WayIn } from '../hsm/protocol.ts';
import { type GivenWayIn, givenWayIn } from '../security-keys/way-in.ts';
import { assertAttemptAllowed } from '../unlock-throttle.ts';
import { clearUnlockFailures, noteUnlockFailure, unlockFailures } from '../vault/unlock-failures.ts';
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
 * Runs `work` with what a secret is to the HSM process. A security key is asked for it first, for these slots: nothing else of the vault waits for the person meanwhile.
 */
export function withWayIn<T>(
  call: CallContext,
  secret: Secret,
  slots: () => readonly SlotRow[],
  purpose: MfaPrompt['purpose'],
  work: (given: WayIn) => Promise<T>,
): Promise<T> {
  return withGiven(call, secret, purpose, async (given) => work(await given.of(slots())));
}

/** The same where the slots are known only later. */
export async function withGiven<T>(
  { core, connection }: CallContext,
  secret: Secret,
  purpose: MfaPrompt['purpose'],
  work: (given: GivenWayIn) => Promise<T>,
): Promise<T> {
  const vault = core.lifecycle.openedVault();
  // Nobody shall touch a key for what is refused anyway.
  if (vault !== null && secret.factor === 'security-key') {
    assertAttemptAllowed(unlockFailures(vault), core.ports.clock.now());
  }
  const given = givenWayIn(core.securityKeys, core.lifecycle.hsm(), secret, { purpose, connection });
  try {
    return await work(given);
  } finally {
    await given.end();
  }
}

/**
 * Asks again for a secret of the unlocked vault, before a way in is changed. Answers the slot's index. Throws `WrongSecret` or `TooManyAttempts`,
 * counted like a failed unlock.
 */
export function requireSecret(call: CallContext, secret: Secret): Promise<number> {
  const session = call.core.session();
  return withWayIn(
    call,
    secret,
    () => session.vault.slots(),
    'authorize',
    (given) => requireWayIn(call, given),
  );
}

export async function requireWayIn(call: CallContext, given: WayIn): Promise<number> {
  const session = call.core.session();
  const slot = await throttled(call, 'vault.authorize', async () => {
    const found = await session.hsm.call('checkSecret', { secret: given, slots: session.vault.slots() });
    if (found.slot === null) throw wrongSecret(given);
    return found.slot;
  });
  await ifRoom(() => clearUnlockFailures(session.vault));
  return slot;
}

export function wrongSecret({ factor }: WayIn): KeyholdError {
  const message =
    factor === 'security-key'
      ? 'This security key, or the password with it, does not open this vault. Check both and try again.'
      : 'The password or recovery code is wrong. Check it and try again.';
  return new KeyholdError('WrongSecret', message);
}

/** True for refusals that leave the HSM process as it was: the caller's next secret still fits it. */
export function keepsProcess(error: unknown): boolean {
  if (!(error instanceof KeyholdError)) return false;
  return ['WrongSecret', 'TooManyAttempts', 'StaleSealKey', 'InvalidInput'].includes(error.code);
}
