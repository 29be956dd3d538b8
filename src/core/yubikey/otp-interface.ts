import { KeyholdError } from '../../contract/errors.ts';
import { wipe } from '../crypto/wipe.ts';
import { cancelled, deviceFault, deviceGone, deviceSilent, touchTimeout } from '../fido/device-errors.ts';
import { sleep } from '../fido/sleep.ts';
import type { Clock, HidConnection } from '../ports.ts';
import { CRC_OK, crc16 } from './crc16.ts';
import { PART_BYTES, REPORT_BYTES, RESET_REPORT, toReports } from './otp-frame.ts';

export interface OtpOptions {
  /** Aborting ends a wait for a touch at the security key too; the call rejects with `Cancelled`. */
  signal?: AbortSignal | undefined;
  /** Called once, when the security key waits to be touched. */
  onTouch?: (() => void) | undefined;
}

/** The OTP interface of a YubiKey, or of a security key that speaks as one. One command at a time. */
export interface OtpInterface {
  readonly version: Readonly<{ major: number; minor: number; build: number }>;
  /** What its status says of its slots. */
  readonly slotFlags: number;
  /** The answer to a command, `length` bytes whose CRC was right; the caller's to wipe. Null when the security key has none. */
  ask(command: number, payload: Uint8Array, length: number, options?: OtpOptions): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

const FLAG = { write: 0x80, response: 0x40, waits: 0x20 } as const;
const SEQUENCE = 0x1f;
const CRC_BYTES = 2;
const READY_MS = 1_500;
const READY_POLL_MS = 10;
const ANSWER_MS = 3_000;
const ANSWER_POLL_MS = 20;
/** The security key itself gives up after 15 s. */
const TOUCH_MS = 20_000;
const TOUCH_POLL_MS = 100;

/** Takes over the connection, and closes it when what is there does not speak this. */
export async function openOtpInterface(connection: HidConnection, clock: Clock): Promise<OtpInterface> {
  let gone = false;
  connection.onGone(() => {
    gone = true;
  });
  const device = { connection, clock, gone: () => gone };
  try {
    await write(device, RESET_REPORT);
    const [, major = 0, minor = 0, build = 0, _sequence, slotFlags = 0] = await read(device);
    return {
      version: { major, minor, build },
      slotFlags,
      ask: (command, payload, length, options = {}) => ask(device, command, payload, length, options),
      close: () => connection.close(),
    };
  } catch (error) {
    await connection.close().catch(() => undefined);
    throw error;
  }
}

interface Device {
  connection: HidConnection;
  clock: Clock;
  gone(): boolean;
}

async function ask(
  device: Device,
  command: number,
  payload: Uint8Array,
  length: number,
  options: OtpOptions,
): Promise<Uint8Array | null> {
  if (options.signal?.aborted === true) throw cancelled();
  const reports = toReports(command, payload);
  try {
    for (const report of reports) {
      await untilReady(device, options.signal);
      await write(device, report);
    }
    const answer = await readAnswer(device, length, options);
    if (answer === null && device.gone()) throw deviceGone();
    return answer;
  } catch (error) {
    if (device.gone()) throw deviceGone();
    // What is left over would be taken for the answer to the next command.
    await write(device, RESET_REPORT).catch(() => undefined);
    throw error;
  } finally {
    wipe(...reports);
  }
}

/** Each part is taken before the next one is sent. */
async function untilReady(device: Device, signal: AbortSignal | undefined): Promise<void> {
  const until = device.clock.monotonic() + READY_MS;
  while ((statusOf(await read(device)) & FLAG.write) !== 0) {
    if (device.clock.monotonic() >= until) throw deviceSilent();
    await sleep(device.clock, READY_POLL_MS, signal);
  }
}

async function readAnswer(device: Device, length: number, options: OtpOptions): Promise<Uint8Array | null> {
  const { clock } = device;
  // Nothing longer is ever asked for, so nothing longer is kept.
  const parts = Math.ceil((length + CRC_BYTES) / PART_BYTES);
  const answer = new Uint8Array(parts * PART_BYTES);
  let filled = 0;
  let touched = false;
  let until = clock.monotonic() + ANSWER_MS;
  try {
    for (;;) {
      const report = await read(device);
      const status = statusOf(report);
      if ((status & FLAG.response) !== 0) {
        const sequence = status & SEQUENCE;
        if (sequence === 0 && filled > 0) return await finish(device, answer, filled, length);
        if (sequence !== filled || filled === parts) throw deviceFault('mixed up the parts of an answer');
        answer.set(report.subarray(0, PART_BYTES), filled * PART_BYTES);
        filled += 1;
        wipe(report);
        continue;
      }
      if (filled > 0) throw deviceFault('broke off an answer');
      if ((status & (FLAG.write | FLAG.waits)) === 0) {
        if (touched) throw touchTimeout();
        return null;
      }
      if ((status & FLAG.waits) !== 0 && !touched) {
        touched = true;
        until = clock.monotonic() + TOUCH_MS;
        options.onTouch?.();
      }
      if (clock.monotonic() >= until) throw touched ? touchTimeout() : deviceSilent();
      await sleep(clock, touched ? TOUCH_POLL_MS : ANSWER_POLL_MS, options.signal);
    }
  } finally {
    wipe(answer);
  }
}

async function finish(device: Device, answer: Uint8Array, filled: number, length: number): Promise<Uint8Array> {
  await write(device, RESET_REPORT);
  const whole = length + CRC_BYTES;
  if (filled * PART_BYTES < whole || crc16(answer.subarray(0, whole)) !== CRC_OK) {
    throw deviceFault('sent an answer that was garbled on its way');
  }
  return answer.slice(0, length);
}

function statusOf(report: Uint8Array): number {
  return report[PART_BYTES] ?? 0;
}

async function read(device: Device): Promise<Uint8Array> {
  const report = await reaching(device, () => device.connection.getFeatureReport(REPORT_BYTES));
  if (report.length !== REPORT_BYTES) throw deviceFault('does not speak as a YubiKey does');
  return report;
}

async function write(device: Device, report: Uint8Array): Promise<void> {
  await reaching(device, () => device.connection.sendFeatureReport(report));
}

async function reaching<T>(device: Device, run: () => Promise<T>): Promise<T> {
  if (device.gone()) throw deviceGone();
  try {
    return await run();
  } catch (error) {
    throw error instanceof KeyholdError ? error : deviceGone();
  }
}
