import { KeyholdError } from '../../contract/errors.ts';
import { equal } from '../crypto/equal.ts';
import { fido2Of, type SlotDescriptor, yubikeyOf } from '../vault/slot-descriptor.ts';
import type { PluggedIn } from './devices.ts';
import { heldCredentials } from './held-credentials.ts';
import type { KeyUse } from './prompts.ts';
import { gone, type SecurityKeys } from './security-keys.ts';
import { selectByTouch } from './select-by-touch.ts';
import { yubikeySerial } from './yubikey.ts';

interface Chosen {
  slot: SlotDescriptor;
  /** Undefined where the slot asks for none. */
  fido: PluggedIn | undefined;
  otp: PluggedIn | undefined;
}

/**
 * The first of the slots whose security keys are plugged in, and with which of them. Waits for one where none fits. Several that fit: the person touches the one to use.
 * Rejects with what kept every device from being asked (`DeviceBusy`, `DeviceDenied`) where that is so.
 */
export async function whichSlot(
  keys: SecurityKeys,
  use: KeyUse,
  slots: readonly SlotDescriptor[],
  only: string | undefined,
): Promise<Chosen> {
  let plugged = await keys.devices.list();
  for (;;) {
    const tried = only === undefined ? plugged : plugged.filter(({ id }) => id === only);
    if (only !== undefined && tried.length === 0) throw gone();
    const { fitting, failure } = await fittingSlots(keys, use, slots, tried);
    const [first] = fitting;
    if (first !== undefined) return (await choose(keys, use, fitting)) ?? first;
    if (failure !== undefined) throw failure;
    if (only !== undefined) throw notThis();
    use.ask('insert', [], insertMessage(tried.length > 0));
    const before = plugged.map(({ id }) => id).join();
    const changed = (all: readonly PluggedIn[]): boolean => all.map(({ id }) => id).join() !== before;
    plugged = await use.orGivenUp(keys.devices.waitFor(changed, use.signal));
    use.asked();
  }
}

async function fittingSlots(
  keys: SecurityKeys,
  use: KeyUse,
  slots: readonly SlotDescriptor[],
  devices: readonly PluggedIn[],
): Promise<{ fitting: Chosen[]; failure: unknown }> {
  const held = new Map<PluggedIn, readonly Uint8Array[]>();
  const serials = new Map<PluggedIn, number | null>();
  let failure: unknown;
  const wantsFido = slots.some((slot) => fido2Of(slot) !== undefined);
  const wantsOtp = slots.some((slot) => yubikeyOf(slot) !== undefined);
  for (const device of devices) {
    try {
      if (device.kind === 'fido' && wantsFido) held.set(device, await heldCredentials(keys, use, device, slots));
      if (device.kind === 'otp' && wantsOtp) serials.set(device, await yubikeySerial(keys, use, device));
    } catch (error) {
      use.signal.throwIfAborted();
      // Another one may do.
      failure ??= error;
    }
  }
  const fitting: Chosen[] = [];
  for (const slot of slots) {
    const fido2 = fido2Of(slot);
    const yubikey = yubikeyOf(slot);
    const fidos =
      fido2 === undefined
        ? [undefined]
        : [...held].filter(([, ids]) => ids.some((id) => equal(id, fido2.credentialId))).map(([device]) => device);
    const otps =
      yubikey === undefined
        ? [undefined]
        : [...serials].filter(([, serial]) => fitsSerial(yubikey.serial, serial)).map(([device]) => device);
    for (const fido of fidos) for (const otp of otps) fitting.push({ slot, fido, otp });
  }
  return { fitting, failure };
}

/** A key that does not say its serial number may be any. */
function fitsSerial(wanted: number | null, serial: number | null): boolean {
  return wanted === null || serial === null || wanted === serial;
}

/** Where several FIDO keys fit, the one that is touched; null where there is no choice. */
async function choose(keys: SecurityKeys, use: KeyUse, fitting: readonly Chosen[]): Promise<Chosen | null> {
  const fidos = [...new Set(fitting.flatMap(({ fido }) => fido ?? []))];
  if (fidos.length < 2) return null;
  const touched = await selectByTouch(keys, use, fidos);
  return fitting.find(({ fido }) => fido === touched) ?? null;
}

function insertMessage(others: boolean): string {
  return others
    ? 'None of the security keys that are plugged in opens this vault. Plug in the one that does.'
    : 'Plug in your security key.';
}

function notThis(): KeyholdError {
  return new KeyholdError('NoCredential', 'This security key does not open this vault. Use the one that was enrolled.');
}
