import type { HidConnection } from '../../src/core/ports.ts';
import { type Cbor, decode, encode } from './cbor.ts';
import { CTAPHID } from './ctaphid.ts';
import { concat } from './emulated-device.ts';

/** A packet stream's message, put together. */
export interface Message {
  channel: number;
  command: number;
  payload: Uint8Array;
}

/** Just enough of a platform to talk to an emulator by hand. */
export interface Wire {
  readonly received: Message[];
  send(channel: number, command: number, payload: Uint8Array): Promise<void>;
  /** The next message that is no keep-alive. */
  next(): Promise<Message>;
  /** A fresh channel. */
  open(): Promise<number>;
  /** Status and document of a CTAP2 command. */
  cbor(channel: number, command: number, request?: Cbor): Promise<{ status: number; answer: Cbor | undefined }>;
}

export function packets(channel: number, command: number, payload: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0, part = -1; part < 0 || at < payload.length; part++) {
    const report = Buffer.alloc(64);
    report.writeUInt32BE(channel, 0);
    if (part < 0) report.writeUInt16BE(payload.length, 5);
    report[4] = part < 0 ? 0x80 | command : part;
    const start = part < 0 ? 7 : 5;
    report.set(payload.subarray(at, at + 64 - start), start);
    at += 64 - start;
    out.push(new Uint8Array(report));
  }
  return out;
}

export function createWire(connection: HidConnection): Wire {
  const received: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  let taken = 0;
  let partial: { message: Message; length: number } | undefined;
  const give = (): void => {
    while (waiting.length > 0) {
      const message = received[taken];
      if (message === undefined) return;
      taken += 1;
      if (message.command !== CTAPHID.keepalive) waiting.shift()?.(message);
    }
  };
  connection.onReport((report) => {
    const view = new DataView(report.buffer, report.byteOffset, report.length);
    const code = report[4] ?? 0;
    if ((code & 0x80) !== 0) {
      const length = view.getUint16(5);
      const message = { channel: view.getUint32(0), command: code & 0x7f, payload: report.slice(7, 7 + length) };
      partial = { message, length };
    } else if (partial !== undefined) {
      const { message, length } = partial;
      message.payload = concat(message.payload, report.slice(5)).slice(0, length);
    }
    if (partial !== undefined && partial.message.payload.length >= partial.length) {
      received.push(partial.message);
      partial = undefined;
      give();
    }
  });
  const wire: Wire = {
    received,
    async send(channel, command, payload) {
      for (const packet of packets(channel, command, payload)) await connection.write(packet);
    },
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        give();
      }),
    async open() {
      await wire.send(0xffffffff, CTAPHID.init, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
      const { payload } = await wire.next();
      return new DataView(payload.buffer, payload.byteOffset).getUint32(8);
    },
    async cbor(channel, command, request) {
      const body = request === undefined ? new Uint8Array() : encode(request);
      await wire.send(channel, CTAPHID.cbor, concat(Uint8Array.of(command), body));
      const { payload } = await wire.next();
      const rest = payload.subarray(1);
      return { status: payload[0] ?? 0xff, answer: rest.length === 0 ? undefined : decode(rest) };
    },
  };
  return wire;
}
