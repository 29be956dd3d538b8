import { readU32 } from '../crypto/bytes.ts';

/** Packets of CTAPHID (CTAP 2.1, section 11.2.4), 64 bytes each. */

export const REPORT_BYTES = 64;
export const BROADCAST_CHANNEL = 0xffff_ffff;
const FIRST_HEAD_BYTES = 7;
const NEXT_HEAD_BYTES = 5;
const FIRST_DATA_BYTES = REPORT_BYTES - FIRST_HEAD_BYTES;
const NEXT_DATA_BYTES = REPORT_BYTES - NEXT_HEAD_BYTES;
const COMMAND_BIT = 0x80;
const MOST_SEQUENCE = 0x7f;
/** What one packet and 128 that go on can hold: 7609 bytes. */
export const MOST_MESSAGE_BYTES = FIRST_DATA_BYTES + (MOST_SEQUENCE + 1) * NEXT_DATA_BYTES;

/** Commands (section 11.2.9), without the bit that marks them. */
export const HID_COMMAND = {
  PING: 0x01,
  MSG: 0x03,
  LOCK: 0x04,
  INIT: 0x06,
  WINK: 0x08,
  CBOR: 0x10,
  CANCEL: 0x11,
  KEEPALIVE: 0x3b,
  ERROR: 0x3f,
} as const;

export type Packet =
  | { channel: number; kind: 'first'; command: number; length: number; data: Uint8Array }
  | { channel: number; kind: 'next'; sequence: number; data: Uint8Array };

/** The reports of one message. `RangeError` when it is longer than a message can be. */
export function toReports(channel: number, command: number, message: Uint8Array): Uint8Array[] {
  if (message.length > MOST_MESSAGE_BYTES) throw new RangeError('longer than a CTAPHID message');
  const first = emptyReport(channel);
  first[4] = COMMAND_BIT | command;
  first[5] = message.length >> 8;
  first[6] = message.length & 0xff;
  first.set(message.subarray(0, FIRST_DATA_BYTES), FIRST_HEAD_BYTES);
  const reports = [first];
  for (let at = FIRST_DATA_BYTES, sequence = 0; at < message.length; at += NEXT_DATA_BYTES, sequence += 1) {
    const next = emptyReport(channel);
    next[4] = sequence;
    next.set(message.subarray(at, at + NEXT_DATA_BYTES), NEXT_HEAD_BYTES);
    reports.push(next);
  }
  return reports;
}

/** Null for a report that is no packet. The data is a view, filled up with what the report has behind it. */
export function readReport(report: Uint8Array): Packet | null {
  const kind = report[4];
  if (report.length !== REPORT_BYTES || kind === undefined) return null;
  const channel = readU32(report, 0);
  if ((kind & COMMAND_BIT) === 0) {
    return { channel, kind: 'next', sequence: kind, data: report.subarray(NEXT_HEAD_BYTES) };
  }
  const length = (report[5] ?? 0) * 256 + (report[6] ?? 0);
  return { channel, kind: 'first', command: kind & ~COMMAND_BIT, length, data: report.subarray(FIRST_HEAD_BYTES) };
}

/** A message that comes packet by packet. */
export interface Assembly {
  /** False when this packet cannot be the next one. */
  add(sequence: number, data: Uint8Array): boolean;
  /** The message once it is whole. */
  whole(): Uint8Array | null;
}

/** Null when it says that it is longer than a message can be. */
export function assemble(length: number, first: Uint8Array): Assembly | null {
  if (length > MOST_MESSAGE_BYTES) return null;
  const message = new Uint8Array(length);
  let filled = 0;
  let expected = 0;
  const take = (data: Uint8Array): void => {
    const part = data.subarray(0, length - filled);
    message.set(part, filled);
    filled += part.length;
  };
  take(first);
  return {
    add(sequence, data) {
      if (sequence !== expected || filled === length) return false;
      expected += 1;
      take(data);
      return true;
    },
    whole: () => (filled === length ? message : null),
  };
}

function emptyReport(channel: number): Uint8Array {
  const report = new Uint8Array(REPORT_BYTES);
  new DataView(report.buffer).setUint32(0, channel);
  return report;
}
