import { KeyholdError } from '../../contract/errors.ts';
import type { SecurityKey } from '../../contract/mfa.ts';
import { equal } from '../crypto/equal.ts';
import { admitWithTouch } from '../gates/admit-change.ts';
import { allGates } from '../gates/all-gates.ts';
import { GATED_KINDS } from '../gates/gated-things.ts';
import { refuseKeyWithoutCode } from '../gates/last-key.ts';
import { credentialBytes, credentialHex } from '../security-keys/credential-id.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { fido2Of, parseSlotDescriptor } from '../vault/slot-descriptor.ts';
import { instant } from '../views.ts';
import { requireSecret } from './authorize.ts';
import type { Handlers } from './handler.ts';

export const mfaKeyHandlers: Handlers<'mfa.keys' | 'mfa.rename' | 'mfa.removeKey'> = {
  'mfa.keys': async ({ core }) => {
    const session = core.session();
    const things = await session.need('securityKey');
    return { keys: things.all('securityKey').map((key) => viewSecurityKey(session, key)) };
  },

  'mfa.rename': async ({ core, actor }, { name, rename }) => {
    const session = core.session();
    return session.write(
      actor,
      (draft) => {
        const { id, value } = session.things.byName('securityKey', name);
        session.things.assertFree('securityKey', rename, id);
        const renamed = { ...value, name: rename };
        draft.put('securityKey', id, renamed);
        draft.record('mfa.rename', rename, { reason: `was ${value.name}` });
        return () => viewSecurityKey(session, { id, value: renamed });
      },
      ['securityKey'],
    );
  },

  /** The credential stays on the device, where Keyhold may not be the only one who knows of it. */
  'mfa.removeKey': async (call, { name, authorize }) => {
    const session = call.core.session();
    const things = await session.need(...GATED_KINDS);
    const { value } = things.byName('securityKey', name);
    await refuseWhileUsed(session, things.byName('securityKey', name));
    await requireSecret(call, authorize);
    // Once it is gone, its gates would open to a key that takes its place, or to none.
    if (value.object !== undefined) await admitWithTouch(session, 'remove-security-key', value.object.id, authorize);
    await session.write(
      call.actor,
      async (draft) => {
        const found = things.byName('securityKey', name);
        await refuseWhileUsed(session, found);
        draft.remove('securityKey', found.id);
        if (found.value.object !== undefined) draft.removeObject(found.value.object.id);
        draft.record('mfa.remove', found.value.name, { reason: credentialOf(found) });
        return () => undefined;
      },
      GATED_KINDS,
    );
    // A key that was stolen opens nothing for the rest of a window.
    if (value.object !== undefined) await session.hsm.call('forgetKey', { id: value.object.id });
    return {};
  },
};

export function viewSecurityKey(session: Session, key: Found<'securityKey'>): SecurityKey {
  const { id, value } = key;
  return {
    id,
    name: value.name,
    kind: value.kind,
    credentialId: credentialHex(key),
    aaguid: value.aaguid,
    model: value.model,
    attestation: value.attestation,
    userVerification: value.uv,
    canUnlock: value.hmacSecret,
    ...(value.alwaysPin === undefined ? {} : { alwaysPin: value.alwaysPin }),
    signCount: value.signCount,
    createdAt: instant(value.createdAt),
    ...(value.lastUsedAt === undefined ? {} : { lastUsedAt: instant(value.lastUsedAt) }),
    slots: slotsOf(session, key),
  };
}

/** As the audit log names it. */
export function credentialOf(key: Found<'securityKey'>): string {
  return `credential ${credentialHex(key)}`;
}

function slotsOf(session: Session, key: Found<'securityKey'>): { id: string; label: string }[] {
  const credentialId = credentialBytes(key);
  return session.vault.slots().flatMap(({ descriptor }) => {
    const slot = parseSlotDescriptor(descriptor);
    const factor = slot === null ? undefined : fido2Of(slot);
    if (slot === null || factor === undefined || !equal(factor.credentialId, credentialId)) return [];
    return { id: slot.id, label: slot.label };
  });
}

async function refuseWhileUsed(session: Session, key: Found<'securityKey'>): Promise<void> {
  const gated = await allGates(session);
  refuseKeyWithoutCode(session.things, gated, session.vault.slots(), { id: key.id, name: key.value.name });
  const slots = slotsOf(session, key);
  if (slots.length === 0) return;
  const names = slots.map(({ label, id }) => `${label} (${id})`).join(', ');
  throw new KeyholdError('InUse', `${key.value.name} opens the vault: ${names}. Remove that way in first.`, {
    dependents: slots.map(({ id }) => id),
  });
}
