import { KeyholdError } from '../../contract/errors.ts';
import { resetAuthenticator } from '../fido/reset-authenticator.ts';
import { KEYHOLD_RP_ID } from '../fido/rp-id.ts';
import type { SlotRow } from '../hsm/protocol.ts';
import { fido2Of, parseSlotDescriptor } from '../vault/slot-descriptor.ts';
import type { PluggedIn } from './devices.ts';
import { requireFido2, touching, withFidoKey } from './fido-key.ts';
import { holds } from './held-credentials.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** What a reset may not take away. */
export interface ResetGuard {
  slots: readonly SlotRow[];
  /** Credentials that the vault knows; none while it is locked. */
  enrolled: readonly Uint8Array[];
  /** Throws where these must not be lost. */
  refuse(held: readonly Uint8Array[]): void;
}

/**
 * Erases a device. It takes this only within ten seconds of being plugged in (CTAP 2.1, section 6.6), so the person takes it out and puts it in again: nobody erases a key from afar
 * by one touch that was asked for something else. `LastSlot` where no way into the vault would be left.
 */
export async function resetKey(
  keys: SecurityKeys,
  use: KeyUse,
  device: PluggedIn,
  { slots, enrolled, refuse }: ResetGuard,
): Promise<void> {
  await withFidoKey(keys, use, device, async (key) => {
    requireFido2(key);
    const held: Uint8Array[] = [];
    for (const credentialId of enrolled) {
      if (await holds(key, use, { rpId: KEYHOLD_RP_ID, credentialId })) held.push(credentialId);
    }
    refuse(held);
    const ways = slots.flatMap(({ descriptor }) => parseSlotDescriptor(descriptor) ?? []);
    let others = 0;
    for (const slot of ways) {
      const factor = fido2Of(slot);
      if (factor === undefined || !(await holds(key, use, factor))) others += 1;
    }
    if (ways.length === 0 || others > 0) return;
    throw new KeyholdError(
      'LastSlot',
      `Without ${device.name} nothing opens the vault any more. Add a password or a recovery code first.`,
    );
  });
  use.ask('replug', [device], `Take ${device.name} out and put it in again.`);
  const without = await use.orGivenUp(
    keys.devices.waitFor((all) => all.every(({ id }) => id !== device.id), use.signal),
  );
  // Another of the same model that stays plugged in is not the one that is meant.
  const isBack = (one: PluggedIn): boolean => isLike(one, device) && without.every(({ id }) => id !== one.id);
  const back = await use.orGivenUp(keys.devices.waitFor((all) => all.some(isBack), use.signal));
  const again = back.find(isBack);
  if (again === undefined) throw new KeyholdError('DeviceGone', `${device.name} is gone. Plug it in and start again.`);
  use.ask('touch', [again], `Touch ${again.name} to erase it.`);
  await withFidoKey(keys, use, again, ({ channel }) => resetAuthenticator(channel, touching(use, again)));
  use.asked();
}

function isLike(one: PluggedIn, before: PluggedIn): boolean {
  if (one.kind !== before.kind || one.serialNumber !== before.serialNumber) return false;
  return one.vendorId === before.vendorId && one.productId === before.productId;
}
