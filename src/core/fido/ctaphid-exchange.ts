import { KeyholdError } from '../../contract/errors.ts';
import type { Clock, HidConnection } from '../ports.ts';
import { type Assembly, assemble, HID_COMMAND, type Packet, readReport, toReports } from './ctaphid-packets.ts';
import { cancelled, deviceBusy, deviceFault, deviceGone, deviceSilent, touchTimeout } from './device-errors.ts';
import { sleep } from './sleep.ts';

/** What a security key is doing while it has no answer yet. */
export type KeepaliveStatus = 'processing' | 'touch';

export interface ExchangeOptions {
  /** Aborting tells the security key to stop; the call then rejects with `Cancelled`, at once or a little later. */
  signal?: AbortSignal | undefined;
  /** Each time the security key says something new about what it is doing. */
  onStatus?: ((status: KeepaliveStatus) => void) | undefined;
  /** The most that it takes, the person's thinking included. */
  limitMs?: number | undefined;
}

export interface HidRequest {
  channel: number;
  command: number;
  message: Uint8Array;
  /** Whether the first packet of an answer is one to this request. All are unless told otherwise. */
  accept?: (data: Uint8Array) => boolean;
}

/** One message to the security key and one back, at a time. */
export interface HidExchange {
  run(request: HidRequest, options: ExchangeOptions): Promise<Uint8Array>;
  /** Whether the last one was given up while the security key may still answer it. */
  unfinished(): boolean;
  /** Fails the one under way and every later one. */
  end(reason: KeyholdError): void;
}

/** A security key says every 100 ms that it is alive: this long without a word and it is not. */
const SILENCE_MS = 3_000;
/** Longer than any security key waits for a touch (30 s). */
const LIMIT_MS = 60_000;
/** What it gets to answer a CANCEL. */
const CANCEL_MS = 1_500;
const BUSY_WAIT_MS = 200;
const BUSY_TRIES = 15;

const STATUS: Readonly<Record<number, KeepaliveStatus>> = { 1: 'processing', 2: 'touch' };
/** Error codes (CTAP 2.1, section 11.2.9.1.6). */
const HID_ERROR = { CHANNEL_BUSY: 0x06, LOCK_REQUIRED: 0x0a } as const;
const FAULTS: Readonly<Record<number, string>> = {
  1: 'does not know a command that it says it knows',
  2: 'did not like a parameter',
  3: 'did not like the length of a message',
  4: 'lost a part of a message',
  5: 'waited in vain for the rest of a message',
  11: 'does not know its channel any more',
  127: 'failed for a reason that it keeps to itself',
};

class Busy extends Error {}

interface Pending {
  request: HidRequest;
  assembly: Assembly | null;
  heard(status: KeepaliveStatus | null): void;
  settle(outcome: Uint8Array | Error): void;
}

export function createHidExchange(connection: HidConnection, clock: Clock): HidExchange {
  let pending: Pending | null = null;
  let ended: KeyholdError | null = null;
  let unfinished = false;

  connection.onReport((report) => {
    const packet = readReport(report);
    // Other programs' channels are heard as well.
    if (packet !== null && pending !== null && packet.channel === pending.request.channel) take(pending, packet);
  });
  connection.onGone(() => end(deviceGone()));

  function end(reason: KeyholdError): void {
    ended ??= reason;
    pending?.settle(ended);
  }

  async function send(reports: readonly Uint8Array[]): Promise<void> {
    for (const report of reports) {
      if (ended !== null) throw ended;
      await connection.write(report);
    }
  }

  /** Until the answer, or until it has been given up; a security key that is told to stop gets a moment to say so. */
  async function once(request: HidRequest, options: ExchangeOptions, limitMs: number): Promise<Uint8Array> {
    const { signal, onStatus } = options;
    const { promise: outcome, resolve: settle } = Promise.withResolvers<Uint8Array | Error>();
    const timers = namedTimers(clock);
    let over = false;
    let stopped: KeyholdError | null = null;
    let last: KeepaliveStatus | null = null;
    const stop = (why: KeyholdError): void => {
      if (stopped !== null || over) return;
      stopped = why;
      timers.set('stop', CANCEL_MS, () => settle(why));
      if (request.command !== HID_COMMAND.CBOR) return;
      send(toReports(request.channel, HID_COMMAND.CANCEL, new Uint8Array())).catch((error) =>
        settle(asDeviceError(error)),
      );
    };
    const onAbort = (): void => stop(cancelled());
    const onLimit = (): void => stop(last === 'touch' ? touchTimeout() : deviceFault('takes too long'));
    const onSilence = (): void => settle(stopped ?? deviceSilent());
    pending = {
      request,
      assembly: null,
      heard(status) {
        timers.set('silence', SILENCE_MS, onSilence);
        if (status === null || status === last) return;
        last = status;
        onStatus?.(status);
      },
      settle,
    };
    unfinished = true;
    timers.set('silence', SILENCE_MS, onSilence);
    timers.set('limit', limitMs, onLimit);
    send(toReports(request.channel, request.command, request.message)).then(
      () => {
        if (over) return;
        if (signal?.aborted === true) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      },
      (error) => settle(asDeviceError(error)),
    );
    try {
      const answer = await outcome;
      if (answer instanceof Error && !(answer instanceof Answered)) throw answer;
      unfinished = false;
      if (stopped !== null) throw stopped;
      if (answer instanceof Answered) throw answer.error;
      return answer;
    } finally {
      over = true;
      pending = null;
      signal?.removeEventListener('abort', onAbort);
      timers.cancelAll();
    }
  }

  return {
    unfinished: () => unfinished,
    end,
    async run(request, options) {
      const limitMs = options.limitMs ?? LIMIT_MS;
      const until = clock.monotonic() + limitMs;
      for (let tries = 1; ; tries += 1) {
        if (ended !== null) throw ended;
        if (options.signal?.aborted === true) throw cancelled();
        try {
          return await once(request, options, Math.max(0, until - clock.monotonic()));
        } catch (error) {
          if (!(error instanceof Busy)) throw error;
          if (tries === BUSY_TRIES) throw deviceBusy();
        }
        await sleep(clock, BUSY_WAIT_MS, options.signal);
      }
    },
  };
}

/** An error that is the security key's own answer: nothing more of this exchange will come. */
class Answered extends Error {
  readonly error: Error;
  constructor(error: Error) {
    super(error.message);
    this.error = error;
  }
}

function take(pending: Pending, packet: Packet): void {
  if (packet.kind === 'next') takeNext(pending, packet.sequence, packet.data);
  else if (packet.command === HID_COMMAND.KEEPALIVE) pending.heard(STATUS[packet.data[0] ?? 0] ?? null);
  else if (packet.command === HID_COMMAND.ERROR) pending.settle(new Answered(errorOf(packet.data[0] ?? 0)));
  else if (packet.command === pending.request.command) takeFirst(pending, packet.length, packet.data);
  // Anything else is a late answer to what was given up.
}

function takeFirst(pending: Pending, length: number, data: Uint8Array): void {
  if (pending.request.accept?.(data) === false) return;
  if (pending.assembly !== null) {
    pending.settle(deviceFault('answered twice at once'));
    return;
  }
  pending.heard(null);
  pending.assembly = assemble(length, data);
  if (pending.assembly === null) pending.settle(deviceFault('sent a message that is too long'));
  else finish(pending, pending.assembly);
}

function takeNext(pending: Pending, sequence: number, data: Uint8Array): void {
  // Without a beginning it is the rest of a message that was given up.
  if (pending.assembly === null) return;
  pending.heard(null);
  if (pending.assembly.add(sequence, data)) finish(pending, pending.assembly);
  else pending.settle(deviceFault('mixed up the parts of a message'));
}

function finish(pending: Pending, assembly: Assembly): void {
  const whole = assembly.whole();
  if (whole !== null) pending.settle(whole);
}

type TimerName = 'silence' | 'limit' | 'stop';

/** One timer of each name; setting it again replaces it. */
function namedTimers(clock: Clock) {
  const running = new Map<TimerName, { cancel(): void }>();
  return {
    set(name: TimerName, milliseconds: number, run: () => void): void {
      running.get(name)?.cancel();
      running.set(name, clock.setTimer(milliseconds, run));
    },
    cancelAll(): void {
      for (const timer of running.values()) timer.cancel();
    },
  };
}

function errorOf(code: number): Error {
  if (code === HID_ERROR.CHANNEL_BUSY) return new Busy();
  if (code === HID_ERROR.LOCK_REQUIRED) return deviceBusy();
  return deviceFault(FAULTS[code] ?? `failed with the unknown error ${code}`);
}

function asDeviceError(error: unknown): KeyholdError {
  return error instanceof KeyholdError ? error : deviceGone();
}
