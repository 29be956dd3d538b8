import { KeyholdError } from '../../contract/errors.ts';
import { ifRoom } from '../disk-full.ts';
import { makeEvent } from '../draft.ts';
import type { SlotRow, WayIn } from '../hsm/protocol.ts';
import { isUnfinished } from '../vault/keks.ts';
import { replaceRoot } from '../vault/rekey.ts';
import { isRecoveryCode, parseSlotDescriptor } from '../vault/slot-descriptor.ts';
import { clearUnlockFailures } from '../vault/unlock-failures.ts';
import { throttled, withWayIn, wrongSecret } from './authorize.ts';
import type { CallContext, Handlers } from './handler.ts';

/** New keys for the vault itself: what opens it is proved first, way by way, and whatever is not proved has to be named as given up. */
export const rekeyHandlers: Handlers<
  'vault.proveWay' | 'vault.rotateKeys' | 'vault.keyRotation' | 'vault.continueRotation'
> = {
  'vault.proveWay': async (call, { secret }) => {
    const { vault } = call.core.session();
    return withWayIn(
      call,
      secret,
      () => vault.slots(),
      'authorize',
      (given) => prove(call, given),
    );
  },

  'vault.rotateKeys': async ({ core, actor }, { proofs, drop }) => {
    const session = core.session();
    const { vault } = session;
    const work = async (): Promise<() => void> => {
      if (isUnfinished(vault.keks())) throw unfinished();
      requireRecoveryCode(vault.slots(), drop);
      const reason = drop.length === 0 ? 'all ways in stay' : `given up: ${labelsOf(vault.slots(), drop).join(', ')}`;
      const event = makeEvent(core.ports, { action: 'vault.rotateKeys', actor, reason });
      await replaceRoot(vault, { proofs, dropped: drop, createdAt: core.ports.clock.now(), event });
      return () => {
        core.emit({ type: 'audit', event });
        core.emit({ type: 'changed', what: ['slots'] });
      };
    };
    // With nothing drafted meanwhile: a new way in would open the root key before this one.
    await vault.copyLock.change(() => session.write(actor, work, []));
    core.rekey.continue(session);
    return core.rekey.progress(session);
  },

  'vault.keyRotation': ({ core }) => core.rekey.progress(core.session()),

  'vault.continueRotation': ({ core }) => {
    const session = core.session();
    core.rekey.continue(session);
    return core.rekey.progress(session);
  },
};

async function prove(call: CallContext, secret: WayIn): Promise<{ ticket: string; slots: string[] }> {
  const session = call.core.session();
  const slots = session.vault.slots();
  const proved = await throttled(call, 'vault.authorize', async () => {
    const found = await session.hsm.call('proveSlots', { secret, slots });
    if (found.ticket === null) throw wrongSecret(secret);
    return { ticket: found.ticket, slots: found.slots };
  });
  await ifRoom(() => clearUnlockFailures(session.vault));
  return { ticket: proved.ticket, slots: proved.slots.flatMap((index) => idOf(slots[index]) ?? []) };
}

function idOf(slot: SlotRow | undefined): string | undefined {
  return slot === undefined ? undefined : parseSlotDescriptor(slot.descriptor)?.id;
}

function labelsOf(slots: readonly SlotRow[], ids: readonly string[]): string[] {
  return slots.flatMap(({ descriptor }) => {
    const slot = parseSlotDescriptor(descriptor);
    return slot !== null && ids.includes(slot.id) ? [slot.label] : [];
  });
}

/** The way out of forgotten passwords and lost keys goes only by itself, where all that hangs on it is seen to. */
function requireRecoveryCode(slots: readonly SlotRow[], drop: readonly string[]): void {
  const codes = slots.filter(({ descriptor }) => isRecoveryCode(descriptor));
  if (codes.length === 0 || codes.some((slot) => !drop.includes(idOf(slot) ?? ''))) return;
  throw new KeyholdError(
    'InvalidInput',
    'The vault would be left without a recovery code. Prove the one there is or make a new one first, with "keyhold vault slot add --recovery-code".',
  );
}

function unfinished(): KeyholdError {
  return new KeyholdError(
    'InUse',
    'The vault’s keys were changed already and some records are not under the new ones yet. Wait for that: "keyhold rotate vault --status".',
  );
}
