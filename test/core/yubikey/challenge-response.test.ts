import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, toHex, utf8 } from '../../../src/core/crypto/bytes.ts';
import { systemRandom } from '../../../src/core/crypto/random.ts';
import { filledSlots, hmacChallenge, padChallenge, readSerial } from '../../../src/core/yubikey/challenge-response.ts';
import { CRC_OK, crc16 } from '../../../src/core/yubikey/crc16.ts';
import { toReports } from '../../../src/core/yubikey/otp-frame.ts';
import { openOtpInterface } from '../../../src/core/yubikey/otp-interface.ts';
import { createFakeHid } from '../../device/fake-hid.ts';
import { createYubiKey, type YubiKeyOptions } from '../../device/yubikey.ts';
import { drive, turns } from '../../support/drive.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { scriptedHid } from '../fido/scripted-hid.ts';

const key = systemRandom.bytes(20);
const failing = (code: string) => expect.objectContaining({ code });
const hmac = (message: Uint8Array): string => createHmac('sha1', key).update(message).digest('hex');

async function lab(slots: YubiKeyOptions['slots'] = { 2: { key } }) {
  const clock = createFakeClock();
  const device = createYubiKey({ clock, serial: 7_654_321, slots });
  const hid = createFakeHid(device);
  const [plug] = hid.plugs;
  if (plug === undefined) throw new Error('no plug');
  const otp = await openOtpInterface(await hid.open(plug.path), clock);
  return { clock, device, hid, plug, otp };
}

describe('challenge-response', () => {
  test('tells its version and serial number', async () => {
    const { clock, otp, hid } = await lab();
    expect(otp.version).toEqual({ major: 5, minor: 4, build: 3 });
    expect(await drive(clock, readSerial(otp))).toBe(7_654_321);
    await otp.close();
    expect(hid.connections).toBe(0);
  });

  test('tells which of its slots are filled, where its firmware does', async () => {
    const filled = async (slots: YubiKeyOptions['slots']) => filledSlots((await lab(slots)).otp);
    expect(await filled({})).toEqual([false, false]);
    expect(await filled({ 1: { key } })).toEqual([true, false]);
    expect(await filled({ 2: { key, touch: true } })).toEqual([false, true]);
    const { otp } = await lab();
    expect(filledSlots({ ...otp, version: { major: 2, minor: 0, build: 2 } })).toBeNull();
  });

  test('is HMAC-SHA1 of the challenge in a slot of variable length', async () => {
    const { clock, otp } = await lab({ 1: { key }, 2: { key: systemRandom.bytes(20) } });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 63 }), async (challenge) => {
        // What repeats the pad goes with it, on every YubiKey.
        fc.pre(challenge.at(-1) !== 64 - challenge.length);
        expect(toHex(await drive(clock, hmacChallenge(otp, 1, challenge)))).toBe(hmac(challenge));
      }),
      { numRuns: 60 },
    );
  });

  test('is HMAC-SHA1 of the padded challenge in a slot of fixed length', async () => {
    const { clock, otp } = await lab({ 2: { key, variableLength: false } });
    const challenge = systemRandom.bytes(32);
    const padded = concat(challenge, new Uint8Array(32).fill(32));
    expect(toHex(padChallenge(challenge))).toBe(toHex(padded));
    expect(toHex(await drive(clock, hmacChallenge(otp, 2, challenge)))).toBe(hmac(padded));
    const whole = systemRandom.bytes(64);
    expect(toHex(await drive(clock, hmacChallenge(otp, 2, whole)))).toBe(hmac(whole));
  });

  test.each([0, 65])('takes no challenge of %s bytes', async (length) => {
    const { otp } = await lab();
    await expect(hmacChallenge(otp, 2, new Uint8Array(length))).rejects.toThrow(RangeError);
  });

  test('says when a slot is not set up', async () => {
    const { clock, otp } = await lab();
    await expect(drive(clock, hmacChallenge(otp, 1, utf8('x')))).rejects.toEqual(failing('NoCredential'));
    expect(toHex(await drive(clock, hmacChallenge(otp, 2, utf8('x'))))).toBe(hmac(utf8('x')));
  });

  test('waits for a touch and says so once', async () => {
    const { clock, otp, device } = await lab({ 2: { key, touch: true } });
    device.control.touch = 'delay';
    device.control.touchDelay = 5_000;
    let touches = 0;
    const onTouch = (): void => {
      touches += 1;
    };
    expect(toHex(await drive(clock, hmacChallenge(otp, 2, utf8('x'), { onTouch })))).toBe(hmac(utf8('x')));
    expect(touches).toBe(1);
  });

  test('ends when nobody touches it', async () => {
    const { clock, otp, device } = await lab({ 2: { key, touch: true } });
    device.control.touch = 'never';
    await expect(drive(clock, hmacChallenge(otp, 2, utf8('x')))).rejects.toEqual(failing('TouchTimeout'));
    device.control.touch = 'approve';
    expect(toHex(await drive(clock, hmacChallenge(otp, 2, utf8('x'))))).toBe(hmac(utf8('x')));
  });

  test('called off ends the wait at the device too', async () => {
    const { clock, otp, device } = await lab({ 2: { key, touch: true } });
    device.control.touch = 'never';
    const abort = new AbortController();
    const asked = hmacChallenge(otp, 2, utf8('x'), { signal: abort.signal });
    asked.catch(() => undefined);
    await turns(500);
    expect(device.state.awaitsTouch).toBe(true);
    abort.abort();
    await expect(asked).rejects.toEqual(failing('Cancelled'));
    expect(device.state.awaitsTouch).toBe(false);
    expect(clock.pending()).toBe(0);
    await expect(hmacChallenge(otp, 2, utf8('x'), { signal: abort.signal })).rejects.toEqual(failing('Cancelled'));
  });

  test('pulled out at any step ends with that', async () => {
    for (let step = 0; step < 60; step += 1) {
      const { clock, otp, device, plug } = await lab({ 2: { key, touch: true } });
      device.control.touch = 'delay';
      device.control.touchDelay = 200;
      let left = step;
      const counted = <T>(run: () => T): T => {
        left -= 1;
        if (left < 0) plug.unplug();
        return run();
      };
      const { setFeature, getFeature } = device;
      device.setFeature = (report) => counted(() => setFeature(report));
      device.getFeature = (length) => counted(() => getFeature(length));
      const challenge = new Uint8Array(63).fill(7);
      const outcome: unknown = await drive(clock, hmacChallenge(otp, 2, challenge)).then(toHex, (error) => error);
      // The last report only tidies up: the answer is there already.
      expect([hmac(challenge), failing('DeviceGone')]).toContainEqual(outcome);
      if (plug.plugged) return;
      await expect(drive(clock, readSerial(otp))).rejects.toEqual(failing('DeviceGone'));
    }
    throw new Error('never done');
  });
});

describe('a device that misbehaves', () => {
  const report = (status: number, fill = 0): Uint8Array => new Uint8Array(8).fill(fill).with(7, status);

  async function withReports(next: (written: number) => Uint8Array) {
    const clock = createFakeClock();
    let written = 0;
    const hid = scriptedHid(undefined, {
      set: () => {
        written += 1;
      },
      get: () => next(written),
    });
    const otp = await openOtpInterface(hid.connection, clock);
    written = 0;
    return { clock, otp };
  }

  test.each([
    ['is never ready', () => report(0x80), 'DeviceFault'],
    ['waits for a touch for ever', (written: number) => report(written < 10 ? 0 : 0x2f), 'TouchTimeout'],
    ['never finishes writing', (written: number) => report(written < 10 ? 0 : 0x80), 'DeviceFault'],
    ['begins in the middle', (written: number) => report(written < 10 ? 0 : 0x41), 'DeviceFault'],
    ['repeats its first part', (written: number) => report(written < 10 ? 0 : 0x40), 'DeviceFault'],
    [
      'answers in too short reports',
      (written: number) => (written < 10 ? report(0) : new Uint8Array(7)),
      'DeviceFault',
    ],
  ])('%s', async (_, next, code) => {
    let opening = true;
    const { clock, otp } = await withReports((written) => (opening ? report(0) : next(written)));
    opening = false;
    await expect(drive(clock, hmacChallenge(otp, 2, new Uint8Array(5)))).rejects.toEqual(failing(code));
    expect(clock.pending()).toBe(0);
  });

  test('breaks off an answer, or garbles one', async () => {
    for (const ending of [report(0), report(0x40)]) {
      let at = -1;
      const { clock, otp } = await withReports((written) => {
        if (written < 10) return report(0);
        at += 1;
        return at < 4 ? report(0x40 | at, 9) : ending;
      });
      await expect(drive(clock, hmacChallenge(otp, 2, new Uint8Array(5)))).rejects.toEqual(failing('DeviceFault'));
    }
  });

  test('that speaks something else is closed', async () => {
    const hid = scriptedHid(undefined, { get: () => new Uint8Array(3) });
    await expect(openOtpInterface(hid.connection, createFakeClock())).rejects.toEqual(failing('DeviceFault'));
    expect(hid.closed()).toBe(true);
  });
});

test('CRC-16 of ISO 13239', () => {
  expect(crc16(utf8('123456789')) ^ 0xffff).toBe(0x906e);
  const message = systemRandom.bytes(20);
  const crc = crc16(message) ^ 0xffff;
  expect(crc16(concat(message, Uint8Array.of(crc & 0xff, crc >> 8)))).toBe(CRC_OK);
});

test('frames leave out parts of zeros between the first and the last', () => {
  expect(toReports(0x38, new Uint8Array(64).fill(1)).map((report) => report[7])).toEqual(
    Array.from({ length: 10 }, (_, at) => 0x80 | at),
  );
  expect(toReports(0x10, new Uint8Array()).map((report) => report[7])).toEqual([0x80, 0x89]);
  expect(() => toReports(1, new Uint8Array(65))).toThrow(RangeError);
});
