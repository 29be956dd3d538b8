import { crc16 } from './crc16.ts';

/**
 * Frames of Yubico's OTP interface: 64 bytes of payload, the number of a command, CRC and filler make 70 bytes, which go out in ten feature reports of seven
 * and a sequence number (Yubico, YubiKey technical manual, "USB interface").
 */
export const PAYLOAD_BYTES = 64;
export const REPORT_BYTES = 8;
export const PART_BYTES = REPORT_BYTES - 1;
const FRAME_BYTES = 70;
const WRITE_FLAG = 0x80;

/** Ends whatever is under way, a wait for a touch too. */
export const RESET_REPORT: Uint8Array = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0xff);

/** The reports of one frame; parts of zeros between the first and the last are left out, as the security key expects it. The caller's to wipe. */
export function toReports(command: number, payload: Uint8Array): Uint8Array[] {
  if (payload.length > PAYLOAD_BYTES) throw new RangeError('longer than a frame');
  const frame = new Uint8Array(FRAME_BYTES);
  frame.set(payload);
  const crc = crc16(frame.subarray(0, PAYLOAD_BYTES));
  frame[PAYLOAD_BYTES] = command;
  frame[PAYLOAD_BYTES + 1] = crc & 0xff;
  frame[PAYLOAD_BYTES + 2] = crc >> 8;
  const last = FRAME_BYTES / PART_BYTES - 1;
  const reports: Uint8Array[] = [];
  for (let sequence = 0; sequence <= last; sequence += 1) {
    const part = frame.subarray(sequence * PART_BYTES, (sequence + 1) * PART_BYTES);
    if (sequence > 0 && sequence < last && part.every((byte) => byte === 0)) continue;
    const report = new Uint8Array(REPORT_BYTES);
    report.set(part);
    report[PART_BYTES] = WRITE_FLAG | sequence;
    reports.push(report);
  }
  frame.fill(0);
  return reports;
}
