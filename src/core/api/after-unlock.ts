import { KeyholdError } from '../../contract/errors.ts';
import { remindOfCertificates } from '../certificates/remind.ts';
import { tendCertificates } from '../certificates/tend.ts';
import type { Core } from '../core.ts';
import type { Actor } from '../draft.ts';
import { onNobodysBehalf } from '../gates/touch-call.ts';
import { SWEEP_MS, sweepKms } from '../kms/sweep.ts';
import { remindOfPanic } from '../panic/remind-panic.ts';
import { remind } from '../rotation/remind.ts';
import type { Session } from '../session.ts';
import { THING_KINDS } from '../things.ts';
import { settleTokenPins } from '../tokens/settle-pin.ts';
import { keepCopies } from './keep-copies.ts';
import { COMES_BACK_WITHIN_MS, removeAbandonedClients, removeEndedClients } from './remove-ended-clients.ts';
import { removeExpiredClients } from './remove-expired-clients.ts';
import { suspectVault } from './suspect-vault.ts';

/** Time for the unlock's answer to leave and for the first question after it to come. */
const GRACE_MS = 20;
/** Time for the first answers after all records have been read. */
const SETTLE_MS = 2000;
/** Records that could not be sealed under new keys are tried again that often. */
const AGAIN_MS = 60_000;
/** Rotations that wait for a time are looked at so often. */
const WAKE_MS = 60_000;
/** A token whose PIN is not certain is looked for so often. */
const SETTLE_PINS_MS = 300_000;
const REMIND_MS = 86_400_000;
const CLEAN_UP_MS = 3_600_000;

/** What an unlock leaves for later, because it takes the longer the more there is in the vault: begun once the unlock has been answered. */
export function afterUnlock(core: Core, session: Session, actor: Actor): void {
  // Who unlocked is not asked for a touch hours later, in the name of the unlock.
  onNobodysBehalf(() => begin(core, session, actor));
}

function begin(core: Core, session: Session, actor: Actor): void {
  const { lifecycle } = core;
  const before = core.shell.door().httpsEndpoint;
  void core.shell.unlocked().then(() => {
    if (core.shell.door().httpsEndpoint !== before) lifecycle.parts.onState();
  });
  lifecycle.later(GRACE_MS, async () => {
    await step(core, 'the vault’s records cannot be read', () => session.need(...THING_KINDS));
    // Whoever has waited for the records gets an answer first.
    lifecycle.later(SETTLE_MS, async () => core.shell.recordsRead());
    await step(core, 'expired clients could not be removed', () => removeExpiredClients(core, actor));
    await step(core, 'what is due for KMS keys could not be done', () => sweepKms(session, core.ports));
    await step(core, 'that a panic is open could not be said', () => remindOfPanic(session));
    await step(core, 'what is due for rotation could not be said', () => remind(session, core.ports));
    await step(core, 'what is due for certificates could not be done', () => tendCertificates(core));
    await step(core, 'which certificates end could not be said', () => remindOfCertificates(session, core.ports));
    void settleTokenPins(session, core.ports);
    await step(core, 'browser profiles that belong to nobody could not be removed', async () =>
      core.shell.browsers.keepOnly(new Set(session.things.all('profile').map(({ id }) => id))),
    );
    void core.rotations.wake().catch((error: unknown) => core.ports.log.error('rotations', { error }));
  });
  lifecycle.later(COMES_BACK_WITHIN_MS, () => removeAbandonedClients(core));
  // After the first answers.
  lifecycle.later(SETTLE_MS, async () => core.rekey.continue(session));
  keepTending(core, session);
}

/** What is done again and again as long as the vault is unlocked, also in the session in which it was made. */
export function keepTending(core: Core, session: Session): void {
  const { lifecycle } = core;
  keepCopies(core, session);
  lifecycle.every(CLEAN_UP_MS, async () => {
    await removeExpiredClients(core, 'daemon');
    await removeEndedClients(core);
  });
  // Where it stopped: a full disk may have room by now.
  lifecycle.every(AGAIN_MS, async () => core.rekey.continue(session));
  lifecycle.every(REMIND_MS, () => remind(session, core.ports));
  lifecycle.every(REMIND_MS, () => remindOfCertificates(session, core.ports));
  lifecycle.every(WAKE_MS, () => core.rotations.wake());
  lifecycle.every(WAKE_MS, () => tendCertificates(core));
  lifecycle.every(SETTLE_PINS_MS, () => settleTokenPins(session, core.ports));
  lifecycle.every(SWEEP_MS, () => sweepKms(session, core.ports));
}

/** One step does not keep the next from being tried; what was found to be damaged is told at once, not when somebody first needs it. */
async function step(core: Core, failed: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = error instanceof KeyholdError ? error.code : undefined;
    if (code === 'Locked' || code === 'HsmCrashed') return;
    core.ports.log.error(failed, { error });
    // What does not verify has locked the vault by now, and has been told.
    if (error instanceof KeyholdError && code === 'VaultCorrupt') {
      core.emit({ type: 'notice', level: 'error', message: error.message });
      suspectVault(core);
    }
  }
}
