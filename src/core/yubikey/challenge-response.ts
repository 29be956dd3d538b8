import { KeyholdError } from '../../contract/errors.ts';
import { readU32 } from '../crypto/bytes.ts';
import { wipe } from '../crypto/wipe.ts';
import { PAYLOAD_BYTES } from './otp-frame.ts';
import type { OtpInterface, OtpOptions } from './otp-interface.ts';

export type YubiKeySlot = 1 | 2;

/** HMAC-SHA1 makes 20 bytes. */
export const HMAC_RESPONSE_BYTES = 20;
const COMMAND = { serial: 0x10, hmac: { 1: 0x30, 2: 0x38 } } as const;
const SERIAL_BYTES = 4;
/** Bits of the status (CONFIG1_VALID and CONFIG2_VALID of Yubico's touch level, from firmware 2.1 on). */
const FILLED = { 1: 0x01, 2: 0x02 } as const;

/**
 * HMAC-SHA1 (RFC 2104) of the padded challenge under the slot's key, 20 bytes, the caller's to wipe; the same that KeePassXC gets for this challenge. Waits
 * for a touch where the slot is set up so. `NoCredential` when the slot is not set up for it.
 */
export async function hmacChallenge(
  device: OtpInterface,
  slot: YubiKeySlot,
  challenge: Uint8Array,
  options?: OtpOptions,
): Promise<Uint8Array> {
  const padded = padChallenge(challenge);
  try {
    const response = await device.ask(COMMAND.hmac[slot], padded, HMAC_RESPONSE_BYTES, options);
    if (response !== null) return response;
  } finally {
    wipe(padded);
  }
  throw new KeyholdError(
    'NoCredential',
    `Slot ${slot} of the security key is not set up for HMAC-SHA1 challenge-response: set it up, or choose the other slot.`,
  );
}

/** Null when the security key keeps it to itself. */
export async function readSerial(device: OtpInterface, options?: OtpOptions): Promise<number | null> {
  const answer = await device.ask(COMMAND.serial, new Uint8Array(), SERIAL_BYTES, options);
  return answer === null ? null : readU32(answer, 0);
}

/** Whether slot 1 and slot 2 have something in them, for whatever it is; null for firmware that does not say. */
export function filledSlots({ version: { major, minor }, slotFlags }: OtpInterface): [boolean, boolean] | null {
  if (major < 2 || (major === 2 && minor < 1)) return null;
  return [(slotFlags & FILLED[1]) !== 0, (slotFlags & FILLED[2]) !== 0];
}

/**
 * To 64 bytes, with as many bytes as are missing, each of which says how many. A slot of variable length takes away again whatever repeats the last byte; one
 * of fixed length takes all 64.
 */
export function padChallenge(challenge: Uint8Array): Uint8Array {
  if (challenge.length === 0 || challenge.length > PAYLOAD_BYTES) throw new RangeError('a challenge has 1 to 64 bytes');
  const padded = new Uint8Array(PAYLOAD_BYTES).fill(PAYLOAD_BYTES - challenge.length);
  padded.set(challenge);
  return padded;
}
