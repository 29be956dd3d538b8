import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, toHex, u32, utf8 } from '../../../src/core/crypto/bytes.ts';
import { type CtapHid, openCtapHid } from '../../../src/core/fido/ctaphid.ts';
import {
  assemble,
  HID_COMMAND,
  MOST_MESSAGE_BYTES,
  readReport,
  toReports,
} from '../../../src/core/fido/ctaphid-packets.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { type ScriptedHid, scriptedHid, settle } from './scripted-hid.ts';

const CHANNEL = 0x0a0b0c0d;
const BROADCAST = 0xffff_ffff;
const EVERYTHING = 0x05;
const KEEPALIVE = { processing: Uint8Array.of(1), touch: Uint8Array.of(2) };
const ALL = { winks: 0x01, cbor: 0x04, noMsg: 0x08 };

function greeting(nonce: Uint8Array, channel = CHANNEL, capabilities = EVERYTHING): Uint8Array {
  return concat(nonce, u32(channel), Uint8Array.of(2, 5, 4, 3, capabilities));
}

type Answerer = (request: { command: number; message: Uint8Array }, hid: ScriptedHid) => void;

/** A device that gives out a channel and leaves everything else to `answer`, which sees whole messages. */
function device(answer: Answerer = () => undefined, capabilities = EVERYTHING) {
  let message: ReturnType<typeof assemble> = null;
  let command = 0;
  const hid = scriptedHid((report) => {
    const packet = readReport(report);
    if (packet === null) throw new Error('not a packet');
    if (packet.kind === 'first') {
      command = packet.command;
      message = assemble(packet.length, packet.data);
    } else if (message?.add(packet.sequence, packet.data) !== true) {
      throw new Error('out of order');
    }
    const whole = message?.whole() ?? null;
    if (whole === null) return;
    if (command === HID_COMMAND.INIT) {
      send(hid, HID_COMMAND.INIT, greeting(whole, CHANNEL, capabilities), packet.channel);
    } else {
      answer({ command, message: whole }, hid);
    }
  });
  return hid;
}

function send(hid: ScriptedHid, command: number, message: Uint8Array, channel = CHANNEL): void {
  for (const report of toReports(channel, command, message)) hid.receive(report);
}

/** The test's own randomness: eight bytes that are never the same. */
function counting() {
  let next = 0;
  return {
    bytes(length: number) {
      next += 1;
      return new Uint8Array(length).fill(next);
    },
  };
}

async function open(hid: ScriptedHid, clock = createFakeClock()): Promise<CtapHid> {
  return openCtapHid(hid.connection, { clock, random: counting() });
}

/** The commands that were sent on this channel. */
function commands(hid: ScriptedHid, channel = CHANNEL): number[] {
  return hid.written.flatMap((report) => {
    const packet = readReport(report);
    return packet?.kind === 'first' && packet.channel === channel ? [packet.command] : [];
  });
}

const failing = (code: string) => expect.objectContaining({ code });
const FAULT = failing('DeviceFault');

describe('packets', () => {
  test('messages of every length arrive whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MOST_MESSAGE_BYTES }), fc.nat(0xffff_fffe), (length, channel) => {
        const message = new Uint8Array(length).map((_, at) => at * 7);
        const [first, ...rest] = toReports(channel, HID_COMMAND.CBOR, message).map((report) => readReport(report));
        if (first?.kind !== 'first') throw new Error('no first packet');
        expect(first).toMatchObject({ channel, command: HID_COMMAND.CBOR, length });
        const assembly = assemble(first.length, first.data);
        for (const packet of rest) {
          expect(assembly?.whole()).toBeNull();
          if (packet?.kind === 'next') expect(assembly?.add(packet.sequence, packet.data)).toBe(true);
        }
        expect(toHex(assembly?.whole() ?? utf8('nothing'))).toBe(toHex(message));
        expect(assembly?.add(rest.length, new Uint8Array(59))).toBe(false);
      }),
      { numRuns: 50 },
    );
    expect(toReports(1, 1, new Uint8Array(57))).toHaveLength(1);
    expect(toReports(1, 1, new Uint8Array(58))).toHaveLength(2);
    expect(toReports(1, 1, new Uint8Array(MOST_MESSAGE_BYTES))).toHaveLength(129);
    expect(() => toReports(1, 1, new Uint8Array(MOST_MESSAGE_BYTES + 1))).toThrow(RangeError);
  });

  test('what is no packet is none', () => {
    for (const length of [0, 6, 63, 65]) expect(readReport(new Uint8Array(length))).toBeNull();
    expect(assemble(MOST_MESSAGE_BYTES + 1, new Uint8Array(57))).toBeNull();
    expect(assemble(100, new Uint8Array(57))?.add(1, new Uint8Array(59))).toBe(false);
  });
});

describe('a channel', () => {
  test('is given out with what the device can do', async () => {
    const channel = await open(device(undefined, ALL.cbor | ALL.noMsg));
    expect(channel.capabilities).toEqual({ wink: false, cbor: true, msg: false });
    expect(channel.version).toEqual({ major: 5, minor: 4, build: 3 });
    expect((await open(device(undefined, ALL.winks))).capabilities).toEqual({ wink: true, cbor: false, msg: true });
  });

  test('is not the one that another program asked for', async () => {
    const hid = scriptedHid((report, one) => {
      const packet = readReport(report);
      if (packet === null) return;
      send(one, HID_COMMAND.INIT, greeting(new Uint8Array(8).fill(99), 0x11111111), BROADCAST);
      send(one, HID_COMMAND.INIT, greeting(packet.data.slice(0, 8)), BROADCAST);
    });
    const channel = await open(hid);
    const asked = channel.cbor(Uint8Array.of(4));
    await settle();
    expect(commands(hid)).toEqual([HID_COMMAND.CBOR]);
    await channel.close();
    await expect(asked).rejects.toEqual(failing('Cancelled'));
    expect(hid.closed()).toBe(true);
  });

  test.each([
    ['0', 0],
    ['everybody’s', BROADCAST],
  ])('is refused when it is %s', async (_, given) => {
    const hid = scriptedHid((report, one) => {
      send(one, HID_COMMAND.INIT, greeting(readReport(report)?.data.slice(0, 8) ?? utf8(''), given), BROADCAST);
    });
    await expect(open(hid)).rejects.toEqual(FAULT);
    expect(hid.closed()).toBe(true);
  });

  test('is refused for a version of CTAPHID that nobody knows, and for half an introduction', async () => {
    for (const change of [(answer: Uint8Array) => answer.with(12, 3), (answer: Uint8Array) => answer.subarray(0, 16)]) {
      const hid = scriptedHid((report, one) => {
        const answer = greeting(readReport(report)?.data.slice(0, 8) ?? utf8(''));
        send(one, HID_COMMAND.INIT, change(answer), BROADCAST);
      });
      await expect(open(hid)).rejects.toEqual(expect.objectContaining({ name: 'KeyholdError' }));
      expect(hid.closed()).toBe(true);
    }
  });

  test('that is never given out is not waited for', async () => {
    const clock = createFakeClock();
    const hid = scriptedHid();
    const opened = open(hid, clock);
    opened.catch(() => undefined);
    await settle();
    clock.advance(3_000);
    await expect(opened).rejects.toEqual(FAULT);
    expect(clock.pending()).toBe(0);
    expect(hid.closed()).toBe(true);
  });
});

describe('an exchange', () => {
  test('carries long messages both ways', async () => {
    const long = new Uint8Array(MOST_MESSAGE_BYTES).map((_, at) => at);
    const channel = await open(device(({ command, message }, hid) => send(hid, command, message)));
    expect(toHex(await channel.cbor(long))).toBe(toHex(long));
    await channel.ping(utf8('ping'));
    await channel.lock(10);
    await channel.lock(0);
    await channel.wink();
    await expect(channel.lock(11)).rejects.toThrow(RangeError);
  });

  test('is one at a time, in order', async () => {
    const hid = device();
    const channel = await open(hid);
    const first = channel.cbor(Uint8Array.of(1));
    const second = channel.cbor(Uint8Array.of(2));
    await settle();
    expect(commands(hid)).toHaveLength(1);
    send(hid, HID_COMMAND.CBOR, Uint8Array.of(11));
    expect(await first).toEqual(Uint8Array.of(11));
    await settle();
    expect(commands(hid)).toHaveLength(2);
    send(hid, HID_COMMAND.CBOR, Uint8Array.of(22));
    expect(await second).toEqual(Uint8Array.of(22));
  });

  test('hears only its own channel', async () => {
    const hid = device();
    const channel = await open(hid);
    const answer = channel.cbor(Uint8Array.of(4));
    await settle();
    send(hid, HID_COMMAND.CBOR, utf8('a stranger’s'), CHANNEL + 1);
    send(hid, HID_COMMAND.ERROR, Uint8Array.of(1), CHANNEL + 1);
    send(hid, HID_COMMAND.ERROR, Uint8Array.of(1), BROADCAST);
    send(hid, HID_COMMAND.MSG, utf8('late'));
    for (const report of toReports(CHANNEL, HID_COMMAND.MSG, new Uint8Array(70)).slice(1)) hid.receive(report);
    hid.receive(new Uint8Array(3));
    send(hid, HID_COMMAND.CBOR, utf8('mine'));
    expect(await answer).toEqual(utf8('mine'));
  });

  test('tells what the device is doing, once each time that changes', async () => {
    const statuses: string[] = [];
    const hid = device();
    const channel = await open(hid);
    const answer = channel.cbor(Uint8Array.of(4), { onStatus: (status) => statuses.push(status) });
    await settle();
    const said = [KEEPALIVE.processing, KEEPALIVE.touch, KEEPALIVE.touch, Uint8Array.of(9), KEEPALIVE.processing];
    for (const status of said) send(hid, HID_COMMAND.KEEPALIVE, status);
    send(hid, HID_COMMAND.CBOR, Uint8Array.of(0));
    await answer;
    expect(statuses).toEqual(['processing', 'touch', 'processing']);
  });

  test.each([
    ['a wrong sequence', 1],
    ['a repeated one', 0],
  ])('with %s is a fault', async (_, sequence) => {
    const hid = device();
    const channel = await open(hid);
    const answer = channel.cbor(Uint8Array.of(4));
    await settle();
    const [first, next] = toReports(CHANNEL, HID_COMMAND.CBOR, new Uint8Array(200));
    if (first === undefined || next === undefined) throw new Error('too short');
    hid.receive(first);
    if (sequence === 0) hid.receive(next);
    hid.receive(next.with(4, sequence));
    await expect(answer).rejects.toEqual(FAULT);
  });

  test('that is answered twice at once, or at too great a length, is a fault', async () => {
    const hid = device();
    const channel = await open(hid);
    const twice = channel.cbor(Uint8Array.of(4));
    await settle();
    const [first] = toReports(CHANNEL, HID_COMMAND.CBOR, new Uint8Array(200));
    if (first === undefined) throw new Error('nothing');
    hid.receive(first);
    hid.receive(first);
    await expect(twice).rejects.toEqual(FAULT);
    const long = channel.cbor(Uint8Array.of(4));
    await settle();
    hid.receive(first.with(5, 0x1d).with(6, 0xba));
    await expect(long).rejects.toEqual(FAULT);
  });

  test.each([1, 2, 3, 4, 5, 11, 127, 200])('that ends with error %s is a fault', async (code) => {
    const channel = await open(device((_, hid) => send(hid, HID_COMMAND.ERROR, Uint8Array.of(code))));
    await expect(channel.cbor(Uint8Array.of(4))).rejects.toEqual(FAULT);
  });

  test('waits while another program is at it, and not for ever', async () => {
    const clock = createFakeClock();
    let busy = 3;
    const hid = device((_, one) => {
      busy -= 1;
      if (busy >= 0) send(one, HID_COMMAND.ERROR, Uint8Array.of(6));
      else send(one, HID_COMMAND.CBOR, Uint8Array.of(0));
    });
    const channel = await open(hid, clock);
    const waits = async <T>(asked: Promise<T>): Promise<T> => {
      asked.catch(() => undefined);
      for (let at = 0; at < 20; at += 1) {
        await settle();
        clock.advance(200);
      }
      return asked;
    };
    expect(await waits(channel.cbor(Uint8Array.of(4)))).toEqual(Uint8Array.of(0));
    expect(commands(hid)).toHaveLength(4);
    busy = 1_000;
    await expect(waits(channel.cbor(Uint8Array.of(4)))).rejects.toEqual(failing('DeviceBusy'));
    expect(clock.pending()).toBe(0);
  });

  test('a channel that another program has locked is busy', async () => {
    const channel = await open(device((_, hid) => send(hid, HID_COMMAND.ERROR, Uint8Array.of(10))));
    await expect(channel.cbor(Uint8Array.of(4))).rejects.toEqual(failing('DeviceBusy'));
  });

  test('ends when the device falls silent, and the next begins afresh', async () => {
    const clock = createFakeClock();
    const hid = device();
    const channel = await open(hid, clock);
    const silent = channel.cbor(Uint8Array.of(4));
    silent.catch(() => undefined);
    await settle();
    for (let at = 0; at < 5; at += 1) {
      clock.advance(2_900);
      send(hid, HID_COMMAND.KEEPALIVE, KEEPALIVE.processing);
    }
    clock.advance(3_000);
    await expect(silent).rejects.toEqual(FAULT);
    const next = channel.cbor(Uint8Array.of(5));
    await settle();
    expect(commands(hid)).toEqual([HID_COMMAND.CBOR, HID_COMMAND.INIT, HID_COMMAND.CBOR]);
    send(hid, HID_COMMAND.CBOR, Uint8Array.of(1));
    expect(await next).toEqual(Uint8Array.of(1));
    expect(clock.pending()).toBe(0);
  });

  test('is bounded whatever the device says in between', async () => {
    const clock = createFakeClock();
    const hid = device();
    const channel = await open(hid, clock);
    for (const [status, code] of [
      [KEEPALIVE.touch, 'TouchTimeout'],
      [KEEPALIVE.processing, 'DeviceFault'],
    ] as const) {
      const asked = channel.cbor(Uint8Array.of(4), { limitMs: 10_000 });
      asked.catch(() => undefined);
      await settle();
      for (let at = 0; at < 120; at += 1) {
        send(hid, HID_COMMAND.KEEPALIVE, status);
        clock.advance(100);
      }
      await expect(asked).rejects.toEqual(failing(code));
      expect(commands(hid).at(-1)).toBe(HID_COMMAND.CANCEL);
    }
    expect(clock.pending()).toBe(0);
  });
});

describe('calling off', () => {
  test('tells the device, and waits for its word', async () => {
    const hid = device(({ command }, one) => {
      if (command === HID_COMMAND.CANCEL) send(one, HID_COMMAND.CBOR, Uint8Array.of(0x2d));
    });
    const clock = createFakeClock();
    const channel = await open(hid, clock);
    const abort = new AbortController();
    const asked = channel.cbor(Uint8Array.of(1), { signal: abort.signal });
    await settle();
    send(hid, HID_COMMAND.KEEPALIVE, KEEPALIVE.touch);
    abort.abort();
    await expect(asked).rejects.toEqual(failing('Cancelled'));
    expect(commands(hid)).toEqual([HID_COMMAND.CBOR, HID_COMMAND.CANCEL]);
    expect(clock.pending()).toBe(0);
  });

  test('does not wait long for a device that says nothing', async () => {
    const clock = createFakeClock();
    const hid = device();
    const channel = await open(hid, clock);
    const abort = new AbortController();
    const asked = channel.cbor(Uint8Array.of(1), { signal: abort.signal });
    asked.catch(() => undefined);
    await settle();
    abort.abort();
    clock.advance(1_500);
    await expect(asked).rejects.toEqual(failing('Cancelled'));
    send(hid, HID_COMMAND.CBOR, Uint8Array.of(0));
    const next = channel.cbor(Uint8Array.of(5));
    await settle();
    send(hid, HID_COMMAND.CBOR, Uint8Array.of(7));
    expect(await next).toEqual(Uint8Array.of(7));
  });

  test('before it began sends nothing', async () => {
    const hid = device();
    const channel = await open(hid);
    await expect(channel.cbor(Uint8Array.of(1), { signal: AbortSignal.abort() })).rejects.toEqual(failing('Cancelled'));
    expect(commands(hid)).toEqual([]);
  });

  test('while another program is at it ends the waiting', async () => {
    const clock = createFakeClock();
    const channel = await open(
      device((_, hid) => send(hid, HID_COMMAND.ERROR, Uint8Array.of(6))),
      clock,
    );
    const abort = new AbortController();
    const asked = channel.cbor(Uint8Array.of(1), { signal: abort.signal });
    asked.catch(() => undefined);
    await settle();
    abort.abort();
    await expect(asked).rejects.toEqual(failing('Cancelled'));
    expect(clock.pending()).toBe(0);
  });

  test('an exchange of CTAP1 sends no CANCEL, which that does not know', async () => {
    const hid = device();
    const channel = await open(hid);
    const abort = new AbortController();
    const asked = channel.msg(Uint8Array.of(1), { signal: abort.signal });
    await settle();
    abort.abort();
    send(hid, HID_COMMAND.MSG, Uint8Array.of(0x69, 0x85));
    await expect(asked).rejects.toEqual(failing('Cancelled'));
    expect(commands(hid)).toEqual([HID_COMMAND.MSG]);
  });
});

describe('pulling the device out', () => {
  test('ends what is under way and everything after it', async () => {
    const clock = createFakeClock();
    const hid = device();
    const channel = await open(hid, clock);
    const asked = channel.cbor(Uint8Array.of(4));
    await settle();
    hid.unplug();
    await expect(asked).rejects.toEqual(failing('DeviceGone'));
    await expect(channel.cbor(Uint8Array.of(4))).rejects.toEqual(failing('DeviceGone'));
    await expect(channel.wink()).rejects.toEqual(failing('DeviceGone'));
    expect(clock.pending()).toBe(0);
  });

  test('before the channel is there', async () => {
    const hid = scriptedHid((_, one) => one.unplug());
    await expect(open(hid)).rejects.toEqual(failing('DeviceGone'));
    const gone = scriptedHid();
    gone.unplug();
    await expect(open(gone)).rejects.toEqual(failing('DeviceGone'));
  });
});

test('an echo that is none is a fault, and blinking is for those that can', async () => {
  const channel = await open(device((_, hid) => send(hid, HID_COMMAND.PING, utf8('pong')), ALL.cbor));
  await expect(channel.ping(utf8('ping'))).rejects.toEqual(FAULT);
  await expect(channel.wink()).rejects.toEqual(failing('DeviceUnsupported'));
});
