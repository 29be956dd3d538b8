import { KeyholdError } from '../../contract/errors.ts';
import type { DaemonEvent } from '../../contract/events.ts';
import type { SecurityKeyDevice } from '../../contract/mfa.ts';
import { toHex, utf8 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/sha256.ts';
import { findSecurityKeys, type ListedKey } from '../fido/find-devices.ts';
import { sleep } from '../fido/sleep.ts';
import type { Clock, Hid, HidConnection, Logger } from '../ports.ts';

export interface PluggedIn extends ListedKey {
  id: string;
}

export interface DevicesParts {
  hid: Hid;
  clock: Clock;
  log: Logger;
  emit(event: DaemonEvent): void;
}

const POLL_MS = 1000;
/** How long somebody who asked what is plugged in is told of changes. */
const WATCH_MS = 60_000;
const ID_BYTES = 8;
/** What another of Keyhold's own operations may take before who waits for the device is told so. */
const QUEUE_MS = 40_000;

/** Security keys that are plugged in: looked for while somebody wants to know, and each used for one thing at a time. */
export class Devices {
  readonly #parts: DevicesParts;
  readonly #queues = new Map<string, Promise<unknown>>();
  #known: string | undefined;
  #watchUntil = 0;
  #timer: { cancel(): void } | undefined;

  constructor(parts: DevicesParts) {
    this.#parts = parts;
  }

  /** Rejects where devices cannot be looked for at all (`HidUnavailable`). */
  async list(): Promise<PluggedIn[]> {
    return findSecurityKeys(await this.#parts.hid.list()).map((key) => ({ id: idOf(key), ...key }));
  }

  /** From now on, for a while, `changed: devices` tells of what is other than `seen`, which somebody was just told. */
  watch(seen: readonly PluggedIn[]): void {
    const now = idsOf(seen);
    if (this.#known !== undefined && this.#known !== now) this.#parts.emit({ type: 'changed', what: ['devices'] });
    this.#known = now;
    this.#watchUntil = this.#parts.clock.monotonic() + WATCH_MS;
    if (this.#timer === undefined) this.#later();
  }

  /** Resolves with the devices once `wanted` is true of them. */
  async waitFor(wanted: (devices: readonly PluggedIn[]) => boolean, signal: AbortSignal): Promise<PluggedIn[]> {
    for (;;) {
      signal.throwIfAborted();
      const devices = await this.list();
      if (wanted(devices)) return devices;
      await sleep(this.#parts.clock, POLL_MS / 4, signal);
    }
  }

  /** Opens the device for one thing, after what is under way with it. Rejects with `DeviceBusy`, `DeviceDenied` or `DeviceGone`. */
  async use<T>(
    { id, path, name }: PluggedIn,
    signal: AbortSignal,
    work: (connection: HidConnection) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const before = this.#queues.get(id) ?? Promise.resolve();
    const turn = this.#inTime(before, name, signal).then(async () => {
      signal.throwIfAborted();
      const connection = await this.#parts.hid.open(path);
      try {
        return await work(connection);
      } finally {
        await connection.close().catch((error: unknown) => this.#parts.log.warn('closing a device', { error }));
      }
    });
    // Whoever comes next waits for all of those before, whatever became of them.
    const done = Promise.allSettled([before, turn]);
    this.#queues.set(id, done);
    try {
      return await turn;
    } finally {
      if (this.#queues.get(id) === done) this.#queues.delete(id);
    }
  }

  stop(): void {
    this.#watchUntil = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #inTime(before: Promise<unknown>, name: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#parts.clock.setTimer(QUEUE_MS, () =>
        reject(
          new KeyholdError('DeviceBusy', `${name} is in use for something else in Keyhold. Finish that or cancel it.`),
        ),
      );
      const onAbort = (): void => {
        timer.cancel();
        reject(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      void before.then(() => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  #later(): void {
    this.#timer = this.#parts.clock.setTimer(POLL_MS, () => {
      this.#timer = undefined;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    try {
      const now = idsOf(await this.list());
      if (this.#known !== undefined && this.#known !== now) this.#parts.emit({ type: 'changed', what: ['devices'] });
      this.#known = now;
    } catch {
      // Whoever asks for the list hears why there is none.
      this.#known = undefined;
    }
    if (this.#parts.clock.monotonic() < this.#watchUntil) this.#later();
    else this.#known = undefined;
  }
}

function idsOf(devices: readonly PluggedIn[]): string {
  return devices.map(({ id }) => id).join();
}

export function viewDevice({ id, kind, name, serialNumber, vendorId, productId }: PluggedIn): SecurityKeyDevice {
  return { id, kind, name, serialNumber: serialNumber === '' ? null : serialNumber, vendorId, productId };
}

/** The system's path may say who is logged in or where it is plugged in: what others see of it is a digest. */
function idOf({ path, vendorId, productId, serialNumber }: ListedKey): string {
  const digest = sha256(utf8(JSON.stringify([path, vendorId, productId, serialNumber])));
  return toHex(digest.subarray(0, ID_BYTES));
}
