import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { Hid, HidConnection, HidDeviceInfo } from '../../src/core/ports.ts';
import { hex } from './emulated-device.ts';
import { type EmulatedHidraw, whyNoHidraw } from './emulated-hidraw.ts';

/** Why the real node-hid cannot be tried here; null when it can. */
export function whyNoNodeHid(): string | null {
  const reason = whyNoHidraw();
  if (reason !== null) return reason;
  try {
    // The binding is loaded by the first call.
    createRequire(import.meta.url)('node-hid').getHidapiVersion();
    return null;
  } catch {
    return 'node-hid or its libraries are not installed (Debian: libudev1, libusb-1.0-0)';
  }
}

interface Handlers {
  report(report: Uint8Array): void;
  gone(): void;
}

/** The `Hid` port by the real node-hid binary, in a process to which the emulators are /dev/hidrawN. */
export class RemoteHid implements Hid {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #handlers = new Map<number, Handlers>();
  readonly #ready: Promise<void>;
  #mock = '';
  #calls = 0;
  #errors = '';

  constructor(hidraw: EmulatedHidraw) {
    const { program, args } = hidraw.command(process.execPath, [join(import.meta.dirname, 'node-hid-child.ts')]);
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.#ready = new Promise((resolve) => {
      createInterface({ input: this.#child.stdout }).on('line', (line) => {
        this.#hear(JSON.parse(line), resolve);
      });
    });
    this.#child.on('close', () => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the process with node-hid ended\n${this.#errors}`));
    });
  }

  /** The device vanishes from /sys too, as udev does it; `back` brings it back. */
  async forget(number: number, back = false): Promise<void> {
    await this.#ready;
    const entry = join(this.#mock, `sys/class/hidraw/hidraw${number}`);
    const aside = join(this.#mock, `hidraw${number}.gone`);
    if (back) renameSync(aside, entry);
    else renameSync(entry, aside);
  }

  async list(): Promise<HidDeviceInfo[]> {
    const found: unknown = await this.#call('list');
    return Array.isArray(found) ? found : [];
  }

  async open(path: string): Promise<HidConnection> {
    const number = Number(await this.#call('open', undefined, path));
    const early: Uint8Array[] = [];
    let listener: ((report: Uint8Array) => void) | undefined;
    let onGone: (() => void) | undefined;
    let isGone = false;
    this.#handlers.set(number, {
      report: (report) => (listener === undefined ? early.push(report) : listener(report)),
      gone() {
        isGone = true;
        onGone?.();
      },
    });
    return {
      write: async (report) => void (await this.#call('write', number, hex(report))),
      onReport(next) {
        listener = next;
        for (const report of early.splice(0)) next(report);
      },
      onGone(next) {
        onGone = next;
        if (isGone) next();
      },
      sendFeatureReport: async (report) => void (await this.#call('setFeature', number, hex(report))),
      getFeatureReport: async (length) =>
        Uint8Array.from(Buffer.from(String(await this.#call('getFeature', number, length)), 'hex')),
      close: async () => void (await this.#call('close', number)),
    };
  }

  dispose(): void {
    this.#child.kill('SIGKILL');
  }

  #call(method: string, connection?: number, argument?: unknown): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, method, connection, argument })}\n`);
    });
  }

  #hear(message: Record<string, unknown>, ready: () => void): void {
    if (typeof message['mock'] === 'string') {
      this.#mock = message['mock'];
      ready();
    } else if (typeof message['id'] === 'number') {
      const waiting = this.#waiting.get(message['id']);
      this.#waiting.delete(message['id']);
      const error: unknown = message['error'];
      if (isWireError(error)) waiting?.reject(KeyholdError.fromWire(error));
      else waiting?.resolve(message['result']);
    } else {
      const handlers = this.#handlers.get(Number(message['connection']));
      if (message['gone'] === true) handlers?.gone();
      else handlers?.report(Uint8Array.from(Buffer.from(String(message['report']), 'hex')));
    }
  }
}

function isWireError(value: unknown): value is Parameters<typeof KeyholdError.fromWire>[0] {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}
