import type { HidConnection } from '../../../src/core/ports.ts';

export interface ScriptedHid {
  connection: HidConnection;
  /** Everything that was written. */
  written: Uint8Array[];
  /** One input report, as if the device had sent it. */
  receive(report: Uint8Array): void;
  unplug(): void;
  closed(): boolean;
}

/** A device whose every report a test says. `onWrite` sees each output report after it was written. */
export function scriptedHid(
  onWrite: (report: Uint8Array, hid: ScriptedHid) => void = () => undefined,
  features: { set?: (report: Uint8Array) => void; get?: () => Uint8Array } = {},
): ScriptedHid {
  let listener: ((report: Uint8Array) => void) | null = null;
  let gone: (() => void) | null = null;
  let unplugged = false;
  let closed = false;
  const alive = (): void => {
    if (unplugged) throw new Error('no such device');
  };
  const hid: ScriptedHid = {
    written: [],
    receive: (report) => listener?.(report),
    unplug() {
      unplugged = true;
      gone?.();
    },
    closed: () => closed,
    connection: {
      async write(report) {
        alive();
        hid.written.push(report);
        onWrite(report, hid);
      },
      onReport(one) {
        listener = one;
      },
      onGone(one) {
        gone = one;
      },
      async sendFeatureReport(report) {
        alive();
        features.set?.(report);
      },
      async getFeatureReport(length) {
        alive();
        return features.get?.() ?? new Uint8Array(length);
      },
      async close() {
        closed = true;
      },
    },
  };
  return hid;
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
