import type { TokenRequestFrame, TokenResponseFrame } from './hsm/pkcs11/protocol.ts';
import type { HsmRequestFrame, HsmResponseFrame } from './hsm/protocol.ts';
import type { MirrorAnswer, MirrorRequest } from './mirrors/protocol.ts';

/** Wall clock and timers. Tests pass their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic milliseconds, for durations. */
  monotonic(): number;
  setTimer(milliseconds: number, run: () => void): { cancel(): void };
}

export interface Random {
  /** `length` cryptographically strong random bytes. */
  bytes(length: number): Uint8Array;
}

/** One running process that keeps keys, seen from the daemon: a private, ordered channel of frame batches. */
interface Channel<Request, Response> {
  send(frames: Request[]): void;
  onFrames(listener: (frames: Response[]) => void): void;
  /** Called once, whatever ended the process. */
  onExit(listener: (info: { code: number | null; signal: string | null }) => void): void;
  /** Ends the process at once (SIGKILL); resolves when it is gone. */
  kill(): Promise<void>;
  readonly pid: number | undefined;
}

/** A running HSM process. */
export type HsmChannel = Channel<HsmRequestFrame, HsmResponseFrame>;
/** A running token process: a vendor's PKCS#11 module in a process of its own. */
export type TokenChannel = Channel<TokenRequestFrame, TokenResponseFrame>;

/** Starts a fresh HSM process. Node: child_process.fork; Electron: utilityProcess.fork. */
export type SpawnHsm = () => HsmChannel;
/** Starts a fresh token process, with these environment variables and what every program of the person has (its home folder); none of the daemon's others. */
export type SpawnToken = (environment: Readonly<Record<string, string>>) => TokenChannel;

/** The thread of one mirror of the vault, or of the backups’ disk, seen from the daemon: a private, ordered channel. */
export interface MirrorChannel {
  send(request: MirrorRequest): void;
  onAnswer(listener: (answer: MirrorAnswer) => void): void;
  /** Called once, whatever ended the thread. */
  onExit(listener: () => void): void;
  /** Ends the thread; one that waits for a disk that hangs ends when that answers. */
  end(): void;
}

export type SpawnMirror = () => MirrorChannel;

/** A collection of a HID device, as the system lists it. */
export interface HidDeviceInfo {
  /** Opens it; changes when it is plugged in again. */
  path: string;
  vendorId: number;
  productId: number;
  /** Empty where the device has none. */
  manufacturer: string;
  product: string;
  serialNumber: string;
  usagePage: number;
  usage: number;
}

/** An open HID device. Reports are passed without their number, which is 0 for every device that Keyhold speaks to. */
export interface HidConnection {
  /** Sends one output report. Rejects when the device is gone. */
  write(report: Uint8Array): Promise<void>;
  /** Input reports, in order; those that arrive before the first listener are kept. */
  onReport(listener: (report: Uint8Array) => void): void;
  /** Called once, when the device was pulled out or cannot be read any more; not after `close`. */
  onGone(listener: () => void): void;
  sendFeatureReport(report: Uint8Array): Promise<void>;
  /** `length` without the report number. */
  getFeatureReport(length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** HID devices of this machine. */
export interface Hid {
  /** Rejects with a KeyholdError where the system's library cannot be used at all. */
  list(): Promise<HidDeviceInfo[]>;
  /** Rejects with `DeviceBusy`, `DeviceDenied` (rights) or `DeviceGone`. */
  open(path: string): Promise<HidConnection>;
}

export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What `createCore` needs from outside. */
export interface Ports {
  clock: Clock;
  random: Random;
  log: Logger;
  spawnHsm: SpawnHsm;
  spawnToken: SpawnToken;
  spawnMirror: SpawnMirror;
  hid: Hid;
}
