import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { hex } from './emulated-device.ts';
import { crc16, createYubiKey, type YubiKey } from './yubikey.ts';

/** A frame as a computer sends it: parts of zeros in the middle are left out, as Yubico's library does. */
function send(key: YubiKey, command: number, payload: Uint8Array): void {
  const frame = new Uint8Array(70);
  frame.set(payload);
  frame[64] = command;
  const crc = crc16(frame.subarray(0, 64));
  frame[65] = crc & 0xff;
  frame[66] = crc >> 8;
  for (let number = 0; number < 10; number++) {
    const part = frame.subarray(number * 7, number * 7 + 7);
    if (number > 0 && number < 9 && part.every((byte) => byte === 0)) continue;
    key.setFeature(Uint8Array.of(...part, 0x80 | number));
  }
}

function receive(key: YubiKey): Uint8Array {
  const out: number[] = [];
  for (let number = 0; number < 32; number++) {
    const part = key.getFeature(8);
    const code = part[7] ?? 0;
    if (code !== (0x40 | number)) break;
    out.push(...part.subarray(0, 7));
  }
  return Uint8Array.from(out);
}

const secret = Uint8Array.from({ length: 20 }, (_, index) => index + 1);
const padded = (text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(64)
    .fill(64 - bytes.length)
    .with(0, bytes[0] ?? 0)
    .map((pad, at) => bytes[at] ?? pad);
};
const expected = (text: string): string => createHmac('sha1', secret).update(text).digest('hex');

describe('the emulated YubiKey', () => {
  test('has the checksum of ISO 13239', () => {
    expect(crc16(new TextEncoder().encode('123456789')) ^ 0xffff).toBe(0x906e);
  });

  test.each([
    [1 as const, 0x30],
    [2 as const, 0x38],
  ])('answers a challenge in slot %i', (slot, command) => {
    const key = createYubiKey({ clock: createFakeClock(), slots: { [slot]: { key: secret } } });
    send(key, command, padded('sample #2'));
    const answer = receive(key);
    expect(hex(answer.subarray(0, 20))).toBe(expected('sample #2'));
    expect(crc16(answer.subarray(0, 22))).toBe(0xf0b8);
    send(key, command === 0x30 ? 0x38 : 0x30, padded('sample #2'));
    expect(receive(key)).toHaveLength(0);
  });

  test('waits for a touch, says so, and gives up after 15 s', () => {
    const clock = createFakeClock();
    const key = createYubiKey({ clock, slots: { 2: { key: secret, touch: true } } });
    key.control.touch = 'delay';
    send(key, 0x38, padded('x'));
    expect((key.getFeature(8)[7] ?? 0) & 0xe0).toBe(0x20);
    key.control.press();
    expect(hex(receive(key).subarray(0, 20))).toBe(expected('x'));
    send(key, 0x38, padded('x'));
    expect(key.state.awaitsTouch).toBe(true);
    clock.advance(15_000);
    expect(key.getFeature(8)[7]).toBe(0);
    expect(key.state.responses).toBe(1);
  });

  test('tells its serial number', () => {
    const key = createYubiKey({ clock: createFakeClock(), serial: 0x01020304 });
    send(key, 0x10, new Uint8Array());
    expect(hex(receive(key).subarray(0, 4))).toBe('01020304');
  });

  test('ignores a frame whose checksum is wrong', () => {
    const key = createYubiKey({ clock: createFakeClock(), slots: { 1: { key: secret } } });
    for (let number = 0; number < 10; number++) {
      key.setFeature(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0x80 | number));
    }
    expect(key.getFeature(8)[7]).toBe(0);
    expect(key.state.responses).toBe(0);
  });
});
