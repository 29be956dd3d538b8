import { wipe } from '../crypto/wipe.ts';
import { YUBICO } from '../fido/find-devices.ts';
import { filledSlots, hmacChallenge, readSerial } from '../yubikey/challenge-response.ts';
import { type OtpInterface, openOtpInterface } from '../yubikey/otp-interface.ts';
import type { PluggedIn } from './devices.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';
import { withDevice } from './with-device.ts';

const CHALLENGE_BYTES = 32;

export interface YubikeyQuestion {
  otpSlot: 1 | 2;
  challenge: Uint8Array;
}

/** The 20 bytes that the device answers: worth a way into the vault, so they go to the HSM process at once and the caller wipes them (docs/threat-model.md). */
export async function askYubikey(
  keys: SecurityKeys,
  use: KeyUse,
  device: PluggedIn,
  { otpSlot, challenge }: YubikeyQuestion,
): Promise<Uint8Array> {
  const { id, name } = device;
  return withOtp(keys, use, device, async (otp) => {
    const onTouch = (): void => use.ask('touch', [{ id, name }], `Touch ${name} (slot ${otpSlot}).`);
    const response = await hmacChallenge(otp, otpSlot, challenge, { signal: use.signal, onTouch });
    use.asked();
    return response;
  });
}

/** Null where the device keeps it to itself. */
export function yubikeySerial(keys: SecurityKeys, use: KeyUse, device: PluggedIn): Promise<number | null> {
  return withOtp(keys, use, device, (otp) => readSerial(otp, { signal: use.signal }));
}

export function yubikeyStatus(
  keys: SecurityKeys,
  use: KeyUse,
  device: PluggedIn,
): Promise<{ firmware: string; serial: number | null; slots: [boolean | null, boolean | null] }> {
  return withOtp(keys, use, device, async (otp) => {
    const { major, minor, build } = otp.version;
    // Others that speak as a YubiKey have statuses of their own.
    const slots = device.vendorId === YUBICO ? filledSlots(otp) : null;
    return {
      firmware: `${major}.${minor}.${build}`,
      serial: await readSerial(otp, { signal: use.signal }),
      slots: slots ?? [null, null],
    };
  });
}

/** Any answer of 20 bytes with a right checksum shows that the slot works: only who knows its secret could say more. */
export async function testYubikey(keys: SecurityKeys, use: KeyUse, device: PluggedIn, otpSlot: 1 | 2): Promise<void> {
  const challenge = keys.ports.random.bytes(CHALLENGE_BYTES);
  wipe(await askYubikey(keys, use, device, { otpSlot, challenge }));
}

function withOtp<T>(
  keys: SecurityKeys,
  use: KeyUse,
  device: PluggedIn,
  work: (otp: OtpInterface) => Promise<T>,
): Promise<T> {
  return withDevice(keys, use, device, async (connection) =>
    work(await openOtpInterface(connection, keys.ports.clock)),
  );
}
