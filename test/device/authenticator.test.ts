import { verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFakeClock } from '../support/fake-clock.ts';
import { type AuthenticatorOptions, createAuthenticator } from './authenticator.ts';
import { type Cbor, cborMap, decode, encode } from './cbor.ts';
import { CTAPHID, HID_ERROR } from './ctaphid.ts';
import { concat } from './emulated-device.ts';
import { createFakeHid } from './fake-hid.ts';
import { STATUS } from './status.ts';
import { createWire, packets } from './wire.ts';

async function lab(options: Partial<AuthenticatorOptions> = {}) {
  const clock = createFakeClock();
  const device = createAuthenticator({ clock, ...options });
  const hid = createFakeHid(device);
  const [plug] = hid.plugs;
  if (plug === undefined) throw new Error('no plug');
  const connection = await hid.open(plug.path);
  const wire = createWire(connection);
  return { clock, device, hid, plug, connection, wire, channel: await wire.open() };
}

const RP = 'keyhold.test';
const hash = new Uint8Array(32).fill(7);
const makeRequest = (options: [string, boolean][] = []): Cbor =>
  cborMap([
    [1, hash],
    [2, cborMap([['id', RP]])],
    [
      3,
      cborMap([
        ['id', Uint8Array.of(1)],
        ['name', 'maria'],
      ]),
    ],
    [
      4,
      [
        cborMap([
          ['alg', -7],
          ['type', 'public-key'],
        ]),
      ],
    ],
    [7, options.length === 0 ? undefined : cborMap(options)],
  ]);
const getRequest = (options: [string, boolean][] = []): Cbor =>
  cborMap([
    [1, RP],
    [2, hash],
    [5, options.length === 0 ? undefined : cborMap(options)],
  ]);

const member = (answer: Cbor | undefined, key: number | string): Cbor | undefined =>
  answer instanceof Map ? answer.get(key) : undefined;
const bytesIn = (answer: Cbor | undefined, key: number): Uint8Array => {
  const value = member(answer, key);
  if (value instanceof Uint8Array) return value;
  throw new Error(`no bytes at ${key}`);
};

describe('CTAPHID', () => {
  test('gives out channels and echoes a message of the greatest length', async () => {
    const { wire, channel } = await lab();
    expect(await wire.open()).not.toBe(channel);
    const payload = Uint8Array.from({ length: 7609 }, (_, index) => index & 0xff);
    await wire.send(channel, CTAPHID.ping, payload);
    expect(await wire.next()).toEqual({ channel, command: CTAPHID.ping, payload });
  });

  test.each([
    ['an unknown command', 0x2a, new Uint8Array(), HID_ERROR.invalidCommand],
    ['CBOR without a command', CTAPHID.cbor, new Uint8Array(), HID_ERROR.invalidLength],
    ['a lock of eleven seconds', CTAPHID.lock, Uint8Array.of(11), HID_ERROR.invalidParameter],
  ])('answers %s with its error', async (_what, command, payload, code) => {
    const { wire, channel } = await lab();
    await wire.send(channel, command, payload);
    expect(await wire.next()).toMatchObject({ command: CTAPHID.error, payload: Uint8Array.of(code) });
  });

  test('refuses a channel it did not give out, and a message longer than can be', async () => {
    const { wire, channel, connection } = await lab();
    await wire.send(0x11223344, CTAPHID.ping, new Uint8Array());
    expect(await wire.next()).toMatchObject({ channel: 0x11223344, payload: Uint8Array.of(HID_ERROR.invalidChannel) });
    const [tooLong = new Uint8Array()] = packets(channel, CTAPHID.ping, new Uint8Array(7610));
    await connection.write(tooLong);
    expect(await wire.next()).toMatchObject({ payload: Uint8Array.of(HID_ERROR.invalidLength) });
  });

  test('notices a packet out of order and one that never comes', async () => {
    const { wire, channel, connection, clock } = await lab();
    const [first, , third] = packets(channel, CTAPHID.ping, new Uint8Array(200));
    if (first === undefined || third === undefined) throw new Error('three packets');
    await connection.write(first);
    await connection.write(third);
    expect(await wire.next()).toMatchObject({ payload: Uint8Array.of(HID_ERROR.invalidSequence) });
    await connection.write(first);
    clock.advance(500);
    expect(await wire.next()).toMatchObject({ payload: Uint8Array.of(HID_ERROR.messageTimeout) });
  });

  test('is busy for other channels while it waits for a touch, says so, and hears CANCEL', async () => {
    const { wire, channel, device, clock } = await lab();
    device.control.touch = 'delay';
    const other = await wire.open();
    const pending = wire.cbor(channel, 0x0b);
    await Promise.resolve();
    clock.advance(350);
    await wire.send(other, CTAPHID.ping, new Uint8Array());
    await Promise.resolve();
    const beats = wire.received.filter(({ command }) => command === CTAPHID.keepalive);
    expect(beats.map(({ payload }) => payload[0])).toEqual([2, 2, 2, 2]);
    await wire.send(channel, CTAPHID.cancel, new Uint8Array());
    // The answer to the other channel came first; `pending` took it.
    expect(await pending).toMatchObject({ status: HID_ERROR.channelBusy });
    expect(await wire.next()).toMatchObject({ channel, payload: Uint8Array.of(STATUS.keepaliveCancel) });
  });
});

describe('CTAP2', () => {
  test('makes a credential and signs with it, counting', async () => {
    const { wire, channel, device } = await lab();
    const made = await wire.cbor(channel, 0x01, makeRequest([['rk', true]]));
    expect(made.status).toBe(STATUS.ok);
    const [credential] = device.state.credentials;
    if (credential === undefined) throw new Error('no credential');
    const key = credential.key.publicKey;
    const counters: number[] = [];
    for (let round = 0; round < 2; round++) {
      const { status, answer } = await wire.cbor(channel, 0x02, getRequest());
      expect(status).toBe(STATUS.ok);
      const authData = bytesIn(answer, 2);
      expect(authData[32]).toBe(0x01);
      counters.push(new DataView(authData.buffer, authData.byteOffset).getUint32(33));
      expect(verify('sha256', concat(authData, hash), key, bytesIn(answer, 3))).toBe(true);
    }
    expect(counters).toEqual([2, 3]);
  });

  test.each([
    ['deny' as const, STATUS.operationDenied],
    ['never' as const, STATUS.userActionTimeout],
  ])('answers a person who chooses %s', async (touch, status) => {
    const { wire, channel, device, clock } = await lab();
    device.control.touch = touch;
    const answer = wire.cbor(channel, 0x01, makeRequest());
    await new Promise(setImmediate);
    clock.advance(30_000);
    expect((await answer).status).toBe(status);
    expect(device.state.credentials).toEqual([]);
  });

  test('that always verifies its person does nothing for a touch alone, but says what it has', async () => {
    const { wire, channel } = await lab({ alwaysUv: true });
    const { answer } = await wire.cbor(channel, 0x04);
    expect(member(member(answer, 4), 'alwaysUv')).toBe(true);
    expect(member(member(answer, 4), 'makeCredUvNotRqd')).toBeUndefined();
    expect((await wire.cbor(channel, 0x01, makeRequest())).status).toBe(STATUS.puatRequired);
    expect((await wire.cbor(channel, 0x02, getRequest())).status).toBe(STATUS.puatRequired);
    expect((await wire.cbor(channel, 0x02, getRequest([['up', false]]))).status).toBe(STATUS.noCredentials);
    const bio = await lab({ alwaysUv: true, builtInUv: true });
    expect((await bio.wire.cbor(bio.channel, 0x01, makeRequest())).status).toBe(STATUS.ok);
  });

  test('resets only soon after it was plugged in', async () => {
    const { wire, channel, device, clock } = await lab();
    await wire.cbor(channel, 0x01, makeRequest());
    clock.advance(10_001);
    expect((await wire.cbor(channel, 0x07)).status).toBe(STATUS.notAllowed);
    device.powerOff();
    device.powerOn();
    expect((await wire.cbor(await wire.open(), 0x07)).status).toBe(STATUS.ok);
    expect(device.state.credentials).toEqual([]);
  });

  test('refuses CBOR that is not canonical', async () => {
    const { wire, channel } = await lab();
    await wire.send(channel, CTAPHID.cbor, Uint8Array.of(0x06, 0xa2, 0x02, 0x01, 0x01, 0x01));
    expect((await wire.next()).payload).toEqual(Uint8Array.of(STATUS.invalidCbor));
  });
});

describe('the fake port', () => {
  test('tells every connection that the device was pulled out, and lists it anew when it is back', async () => {
    const { hid, plug, connection } = await lab();
    const second = await hid.open(plug.path);
    const gone: string[] = [];
    connection.onGone(() => gone.push('first'));
    second.onGone(() => gone.push('second'));
    const [before] = await hid.list();
    plug.unplug();
    expect(gone).toEqual(['first', 'second']);
    await expect(connection.write(new Uint8Array(64))).rejects.toMatchObject({ code: 'DeviceGone' });
    expect(await hid.list()).toEqual([]);
    plug.plug();
    const [after] = await hid.list();
    expect(after?.path).not.toBe(before?.path);
    plug.held = true;
    await expect(hid.open(plug.path)).rejects.toMatchObject({ code: 'DeviceBusy' });
  });
});

describe('the emulator itself', () => {
  /** Valid requests of every command, to be mutated. */
  const platformKey = cborMap([
    [1, 2],
    [3, -25],
    [-1, 1],
    [-2, Uint8Array.from(Buffer.from('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296', 'hex'))],
    [-3, Uint8Array.from(Buffer.from('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5', 'hex'))],
  ]);
  const pinRequest = (subcommand: number): Cbor =>
    cborMap([
      [1, 2],
      [2, subcommand],
      [3, platformKey],
      [4, new Uint8Array(32)],
      [5, new Uint8Array(80)],
      [6, new Uint8Array(32)],
    ]);
  const requests: [number, Cbor | undefined][] = [
    [0x01, makeRequest([['rk', true]])],
    [0x02, getRequest()],
    [0x04, undefined],
    [0x07, undefined],
    [0x08, undefined],
    [0x0b, undefined],
    [0x0a, cborMap([[1, 1]])],
    ...[1, 2, 3, 4, 5, 6, 7, 9].map((subcommand): [number, Cbor] => [0x06, pinRequest(subcommand)]),
  ];

  test('answers every request, however mutated, and stays of use', async () => {
    const { wire, channel } = await lab({ builtInUv: true });
    const flip = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...requests), fc.array(flip, { maxLength: 4 }), async (request, flips) => {
        const [command, document] = request;
        const bytes = concat(Uint8Array.of(command), document === undefined ? new Uint8Array() : encode(document));
        for (const { at, value } of flips) bytes[at % bytes.length] = value;
        await wire.send(channel, CTAPHID.cbor, bytes);
        const answer = await wire.next();
        expect(answer).toMatchObject({ channel, command: CTAPHID.cbor });
        if (answer.payload.length > 1) decode(answer.payload.subarray(1));
      }),
      { numRuns: process.env['KEYHOLD_TEST_FULL'] === '1' ? 50_000 : 200, seed: 42 },
    );
    expect((await wire.cbor(channel, 0x04)).status).toBe(STATUS.ok);
  }, 600_000);
});
