import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed, SlotInfo } from '../../contract/schemas.ts';
import { admitWithTouch } from '../gates/admit-change.ts';
import { allGates } from '../gates/all-gates.ts';
import { GATED_KINDS } from '../gates/gated-things.ts';
import { refuseCodeWithoutKey } from '../gates/last-key.ts';
import type { SlotRow } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { isRecoveryCode, parseSlotDescriptor, slotInfo } from '../vault/slot-descriptor.ts';
import { requireSecret } from './authorize.ts';
import type { CallContext, Handlers } from './handler.ts';
import { replyKeyBytes } from './make-client-key.ts';

const PASSWORD_LABEL = 'Password';

export const slotHandlers: Handlers<
  'slot.list' | 'slot.addPassword' | 'slot.addRecoveryCode' | 'slot.remove' | 'vault.changePassword'
> = {
  'slot.list': ({ core }) => ({
    slots: core
      .session()
      .vault.slots()
      .flatMap(({ descriptor }) => slotInfo(descriptor) ?? []),
  }),

  'slot.addPassword': async (call, { label, password, authorize }) => {
    await requireSecret(call, authorize);
    const { core, actor } = call;
    const session = core.session();
    const kdf = await core.lifecycle.kdf();
    const createdAt = core.ports.clock.now();
    return session.write(actor, async (draft) => {
      const { slot } = await session.hsm.call('makePasswordSlot', {
        id: slotId(call),
        label,
        password,
        kdf,
        createdAt,
      });
      draft.slots = [...session.vault.slots(), slot];
      draft.record('slot.add', label, { reason: 'password' });
      return () => infoOf(slot);
    });
  },

  'slot.addRecoveryCode': async (call, { label, replyKey, authorize, session: officer }) => {
    const reply = replyKeyBytes(replyKey);
    await requireSecret(call, authorize);
    const { core, actor } = call;
    const session = core.session();
    // It would loosen every gate.
    await admitWithTouch(session, 'make-recovery-code', session.newId(), authorize);
    const kdf = await core.lifecycle.kdf();
    const createdAt = core.ports.clock.now();
    return session.write(actor, async (draft) => {
      const input = {
        ...{ id: slotId(call), label, kdf, replyKey: reply, createdAt },
        ...(officer === undefined ? {} : { session: officer }),
      };
      const { slot, recoveryCode, by, users } = await session.hsm.call('makeRecoverySlot', input);
      draft.slots = [...session.vault.slots(), slot];
      if (users !== null) draft.users = users.staged;
      draft.record('slot.add', label, { reason: by === null ? 'recovery code' : `recovery code, by ${by}` });
      return () => ({ slot: infoOf(slot), recoveryCode });
    });
  },

  'slot.remove': async (call, { id, authorize, session: officer }) => {
    await requireSecret(call, authorize);
    const session = call.core.session();
    return session.write(
      call.actor,
      async (draft) => {
        const slots = session.vault.slots();
        const { index, label } = find(slots, id);
        const rest = slots.toSpliced(index, 1);
        // One that this version cannot use is no way in.
        if (!rest.some(({ descriptor }) => slotInfo(descriptor) !== null)) {
          throw new KeyholdError('LastSlot', 'This is the last way into the vault. Add another one first.');
        }
        const isLastCode = isLastRecoveryCode(slots, rest);
        if (isLastCode) refuseCodeWithoutKey(session.things, await allGates(session));
        const by = isLastCode ? await officerFor(session, officer) : null;
        draft.slots = rest;
        draft.record('slot.remove', label, by === null ? {} : { reason: `the last recovery code, by ${by}` });
        return () => ({});
      },
      GATED_KINDS,
    );
  },

  /** Replaces the slot that the present password opens; other slots stay as they are. */
  'vault.changePassword': async (call, { current, next }) => {
    const { core, actor } = call;
    const before = core.session().vault.slots();
    const index = await requireSecret(call, { factor: 'password', sealed: current });
    const opened = before[index];
    const session = core.session();
    const kdf = await core.lifecycle.kdf();
    const createdAt = core.ports.clock.now();
    return session.write(actor, async (draft) => {
      const slots = session.vault.slots();
      const at = slots.findIndex(({ descriptor }) => opened !== undefined && equalBytes(descriptor, opened.descriptor));
      if (at === -1) {
        throw new KeyholdError('NotFound', 'This password was changed or removed meanwhile. Nothing was changed now.');
      }
      const label = opened === undefined ? PASSWORD_LABEL : (slotInfo(opened.descriptor)?.label ?? PASSWORD_LABEL);
      const { slot } = await session.hsm.call('makePasswordSlot', {
        id: slotId(call),
        label,
        password: next,
        kdf,
        createdAt,
      });
      draft.slots = slots.with(at, slot);
      draft.record('vault.changePassword', label);
      return () => ({});
    });
  },
};

function slotId({ core }: CallContext): string {
  return Buffer.from(core.ports.random.bytes(8)).toString('hex');
}

function infoOf(slot: SlotRow): SlotInfo {
  const info = slotInfo(slot.descriptor);
  if (info === null) throw new KeyholdError('Internal', 'The new slot has an unknown form. Check the slots.');
  return info;
}

function find(slots: ReturnType<Session['vault']['slots']>, id: string): { index: number; label: string } {
  const index = slots.findIndex(({ descriptor }) => parseSlotDescriptor(descriptor)?.id === id);
  const slot = slots[index];
  if (slot === undefined) throw new KeyholdError('NotFound', `There is no slot ${id}. List them first.`);
  return { index, label: slotInfo(slot.descriptor)?.label ?? id };
}

function isLastRecoveryCode(before: readonly SlotRow[], after: readonly SlotRow[]): boolean {
  const has = (slots: readonly SlotRow[]): boolean => slots.some(({ descriptor }) => isRecoveryCode(descriptor));
  return has(before) && !has(after);
}

/** Who takes the way out of the HSM's users away: null where there are none. Throws `HsmLoginRequired`. */
async function officerFor({ hsm }: Session, officer: Sealed | undefined): Promise<string | null> {
  const { view, who } = await hsm.call('viewUsers', officer === undefined ? {} : { session: officer });
  if (view === null) return null;
  if (who?.role === 'crypto-officer') return who.name;
  throw new KeyholdError(
    'HsmLoginRequired',
    'This is the last recovery code, and without one nobody can remove the users of this HSM when their passwords are lost. A crypto officer has to be logged in: `keyhold hsm login NAME`.',
  );
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
