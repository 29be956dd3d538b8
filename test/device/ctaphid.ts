import type { Clock } from '../../src/core/ports.ts';

/** The device's end of CTAPHID (CTAP 2.1, section 11.2). */
export const CTAPHID = {
  ping: 0x01,
  msg: 0x03,
  lock: 0x04,
  init: 0x06,
  wink: 0x08,
  cbor: 0x10,
  cancel: 0x11,
  keepalive: 0x3b,
  error: 0x3f,
} as const;

export const HID_ERROR = {
  invalidCommand: 0x01,
  invalidParameter: 0x02,
  invalidLength: 0x03,
  invalidSequence: 0x04,
  messageTimeout: 0x05,
  channelBusy: 0x06,
  lockRequired: 0x0a,
  invalidChannel: 0x0b,
} as const;

const REPORT = 64;
const BROADCAST = 0xffffffff;
const FIRST_PART = REPORT - 7;
const NEXT_PART = REPORT - 5;
const MOST_BYTES = FIRST_PART + 128 * NEXT_PART;
const KEEPALIVE_EVERY = 100;
const PROCESSING = 1;
const TOUCH_NEEDED = 2;

/** A request while it is worked on. */
export interface Transaction {
  readonly channel: number;
  /** From now on keep-alives say that a touch is awaited. */
  awaitTouch(waits: boolean): void;
  /** Calls `run` when the computer cancels or the transaction is aborted. */
  onCancel(run: () => void): void;
}

export interface CtapHidOptions {
  clock: Clock;
  /** Bit 0 WINK, bit 2 CBOR, bit 3 no MSG. */
  capabilities: number;
  version: readonly [number, number, number];
  send(report: Uint8Array): void;
  wink(): void;
  cbor(request: Uint8Array, transaction: Transaction): Promise<Uint8Array>;
  msg(request: Uint8Array, transaction: Transaction): Promise<Uint8Array>;
  /** Between two packets of one message. */
  messageTimeout?: number;
}

interface Assembly {
  channel: number;
  command: number;
  bytes: Uint8Array;
  filled: number;
  next: number;
  timer: { cancel(): void };
}

interface Running {
  channel: number;
  command: number;
  cancelled: boolean;
  status: number;
  cancels: (() => void)[];
  keepalive: { cancel(): void } | undefined;
}

export interface CtapHid {
  receive(report: Uint8Array): void;
  /** Forgets channels, messages and what is being worked on. */
  reset(): void;
  /** A request is being worked on. */
  readonly busy: boolean;
}

export function createCtapHid(options: CtapHidOptions): CtapHid {
  const { clock } = options;
  const messageTimeout = options.messageTimeout ?? 500;
  let channels = new Set<number>();
  let nextChannel = 0x4b480001;
  let assembly: Assembly | undefined;
  let running: Running | undefined;
  let lock: { channel: number; timer: { cancel(): void } } | undefined;

  function send(channel: number, command: number, payload: Uint8Array): void {
    for (let at = 0, part = -1; part < 0 || at < payload.length; part++) {
      const report = Buffer.alloc(REPORT);
      report.writeUInt32BE(channel, 0);
      if (part < 0) {
        report[4] = 0x80 | command;
        report.writeUInt16BE(payload.length, 5);
      } else {
        report[4] = part;
      }
      const start = part < 0 ? 7 : 5;
      report.set(payload.subarray(at, at + REPORT - start), start);
      at += REPORT - start;
      options.send(new Uint8Array(report));
    }
  }

  const fail = (channel: number, code: number): void => send(channel, CTAPHID.error, Uint8Array.of(code));

  function dropAssembly(): void {
    assembly?.timer.cancel();
    assembly = undefined;
  }

  /** Nothing more is sent for what was running. */
  function abort(): void {
    const was = running;
    running = undefined;
    was?.keepalive?.cancel();
    for (const cancel of was?.cancels ?? []) cancel();
  }

  function startTimer(channel: number): { cancel(): void } {
    return clock.setTimer(messageTimeout, () => {
      assembly = undefined;
      fail(channel, HID_ERROR.messageTimeout);
    });
  }

  function receive(report: Uint8Array): void {
    if (report.length < 7) return;
    const view = new DataView(report.buffer, report.byteOffset, report.length);
    const channel = view.getUint32(0);
    const code = report[4] ?? 0;
    const error =
      (code & 0x80) === 0
        ? continuation(channel, code, report.subarray(5))
        : initial(channel, code & 0x7f, view.getUint16(5), report.subarray(7));
    if (error !== null) fail(channel, error);
  }

  /** These answer with the error to send, or null. */
  function initial(channel: number, command: number, length: number, data: Uint8Array): number | null {
    if (command === CTAPHID.init) return init(channel, length, data);
    if (channel === 0 || channel === BROADCAST || !channels.has(channel)) return HID_ERROR.invalidChannel;
    if (command === CTAPHID.cancel) return cancel(channel);
    if (assembly !== undefined) {
      if (assembly.channel !== channel) return HID_ERROR.channelBusy;
      dropAssembly();
      return HID_ERROR.invalidSequence;
    }
    if (running !== undefined || (lock !== undefined && lock.channel !== channel)) return HID_ERROR.channelBusy;
    if (length > MOST_BYTES) return HID_ERROR.invalidLength;
    const bytes = new Uint8Array(length);
    bytes.set(data.subarray(0, length));
    if (length <= data.length) return dispatch(channel, command, bytes);
    assembly = { channel, command, bytes, filled: data.length, next: 0, timer: startTimer(channel) };
    return null;
  }

  function continuation(channel: number, sequence: number, data: Uint8Array): number | null {
    // Strays, and those of another channel, are ignored (section 11.2.4).
    if (assembly === undefined || assembly.channel !== channel) return null;
    if (sequence !== assembly.next) {
      dropAssembly();
      return HID_ERROR.invalidSequence;
    }
    assembly.timer.cancel();
    assembly.bytes.set(data.subarray(0, assembly.bytes.length - assembly.filled), assembly.filled);
    assembly.filled += data.length;
    assembly.next += 1;
    if (assembly.filled < assembly.bytes.length) {
      assembly.timer = startTimer(channel);
      return null;
    }
    const { command, bytes } = assembly;
    assembly = undefined;
    return dispatch(channel, command, bytes);
  }

  function init(channel: number, length: number, data: Uint8Array): number | null {
    if (length !== 8) return HID_ERROR.invalidLength;
    let answered = channel;
    if (channel === BROADCAST) {
      answered = nextChannel++;
      channels.add(answered);
    } else if (channel === 0 || !channels.has(channel)) {
      return HID_ERROR.invalidChannel;
    } else {
      if (assembly?.channel === channel) dropAssembly();
      if (running?.channel === channel) abort();
    }
    const out = Buffer.alloc(17);
    out.set(data.subarray(0, 8), 0);
    out.writeUInt32BE(answered, 8);
    out[12] = 2;
    out.set(options.version, 13);
    out[16] = options.capabilities;
    send(channel, CTAPHID.init, new Uint8Array(out));
    return null;
  }

  function cancel(channel: number): null {
    if (running?.channel !== channel || running.command !== CTAPHID.cbor) return null;
    running.cancelled = true;
    for (const run of running.cancels) run();
    return null;
  }

  function dispatch(channel: number, command: number, bytes: Uint8Array): number | null {
    switch (command) {
      case CTAPHID.ping:
        send(channel, CTAPHID.ping, bytes);
        return null;
      case CTAPHID.wink:
        if (bytes.length !== 0) return HID_ERROR.invalidLength;
        options.wink();
        send(channel, CTAPHID.wink, new Uint8Array());
        return null;
      case CTAPHID.lock:
        return takeLock(channel, bytes);
      case CTAPHID.cbor:
        if (bytes.length === 0) return HID_ERROR.invalidLength;
        run(channel, command, (transaction) => options.cbor(bytes, transaction));
        return null;
      case CTAPHID.msg:
        if ((options.capabilities & 8) !== 0) return HID_ERROR.invalidCommand;
        run(channel, command, (transaction) => options.msg(bytes, transaction));
        return null;
      default:
        return HID_ERROR.invalidCommand;
    }
  }

  function takeLock(channel: number, bytes: Uint8Array): number | null {
    const seconds = bytes[0] ?? 0;
    if (bytes.length !== 1) return HID_ERROR.invalidLength;
    if (seconds > 10) return HID_ERROR.invalidParameter;
    lock?.timer.cancel();
    lock = undefined;
    if (seconds > 0) {
      const timer = clock.setTimer(seconds * 1000, () => {
        lock = undefined;
      });
      lock = { channel, timer };
    }
    send(channel, CTAPHID.lock, new Uint8Array());
    return null;
  }

  function run(channel: number, command: number, work: (transaction: Transaction) => Promise<Uint8Array>): void {
    const mine: Running = {
      channel,
      command,
      cancelled: false,
      status: PROCESSING,
      cancels: [],
      keepalive: undefined,
    };
    running = mine;
    const beat = (): void => {
      mine.keepalive = clock.setTimer(KEEPALIVE_EVERY, () => {
        if (running !== mine) return;
        send(channel, CTAPHID.keepalive, Uint8Array.of(mine.status));
        beat();
      });
    };
    if (command === CTAPHID.cbor) beat();
    const transaction: Transaction = {
      channel,
      awaitTouch(waits) {
        mine.status = waits ? TOUCH_NEEDED : PROCESSING;
        if (waits && running === mine && command === CTAPHID.cbor) {
          send(channel, CTAPHID.keepalive, Uint8Array.of(mine.status));
        }
      },
      onCancel(run) {
        if (mine.cancelled || running !== mine) run();
        else mine.cancels.push(run);
      },
    };
    void work(transaction).then((answer) => {
      mine.keepalive?.cancel();
      // Aborted by a new INIT or by the loss of power: there is nobody to tell.
      if (running !== mine) return;
      running = undefined;
      send(channel, command, answer);
    });
  }

  return {
    receive,
    reset() {
      dropAssembly();
      abort();
      lock?.timer.cancel();
      lock = undefined;
      channels = new Set();
    },
    get busy() {
      return running !== undefined;
    },
  };
}
