import { KeyholdError } from '../../src/contract/errors.ts';
import type { Hid, HidConnection, HidDeviceInfo } from '../../src/core/ports.ts';
import type { EmulatedDevice } from './emulated-device.ts';

/** One plug: takes an emulator in and out. */
export interface FakePlug {
  readonly device: EmulatedDevice;
  /** Of the present plugging in; a new one each time. */
  readonly path: string;
  readonly plugged: boolean;
  unplug(): void;
  plug(): void;
  /** Another program holds the device: opening it is refused, as some systems do. */
  held: boolean;
  /** This person has no rights to it. */
  denied: boolean;
  /** Sees every report of an open connection; false loses it. For devices that misbehave. */
  filter: (direction: 'in' | 'out', report: Uint8Array) => Uint8Array | false;
}

export interface FakeHid extends Hid {
  add(device: EmulatedDevice): FakePlug;
  readonly plugs: readonly FakePlug[];
  /** Connections that are open now. */
  readonly connections: number;
}

/** The `Hid` port over emulators in this process. */
export function createFakeHid(...devices: readonly EmulatedDevice[]): FakeHid {
  const plugs: Plug[] = [];
  let paths = 0;
  const nextPath = (): string => `/dev/fake-hidraw${paths++}`;
  const hid: FakeHid = {
    plugs,
    get connections() {
      return plugs.reduce((sum, plug) => sum + plug.connections.size, 0);
    },
    add(device) {
      const plug = new Plug(device, nextPath);
      plugs.push(plug);
      return plug;
    },
    async list() {
      return plugs.filter(({ plugged }) => plugged).map(describe);
    },
    async open(path) {
      const plug = plugs.find((one) => one.plugged && one.path === path);
      if (plug === undefined) throw new KeyholdError('DeviceGone', 'The device is not plugged in any more.');
      if (plug.held) throw new KeyholdError('DeviceBusy', 'Another program holds the device; close it and try again.');
      if (plug.denied) throw new KeyholdError('DeviceDenied', 'You have no rights to the device.');
      return connect(plug);
    },
  };
  for (const device of devices) hid.add(device);
  return hid;
}

class Plug implements FakePlug {
  readonly device: EmulatedDevice;
  readonly connections = new Set<{ gone(): void }>();
  plugged = true;
  held = false;
  denied = false;
  filter: FakePlug['filter'] = (_direction, report) => report;
  path: string;
  readonly #nextPath: () => string;

  constructor(device: EmulatedDevice, nextPath: () => string) {
    this.device = device;
    this.#nextPath = nextPath;
    this.path = nextPath();
  }

  unplug(): void {
    if (!this.plugged) return;
    this.plugged = false;
    this.device.powerOff();
    const open = [...this.connections];
    this.connections.clear();
    for (const connection of open) connection.gone();
  }

  plug(): void {
    if (this.plugged) return;
    this.path = this.#nextPath();
    this.plugged = true;
    this.device.powerOn();
  }
}

function describe({ path, device }: Plug): HidDeviceInfo {
  const { vendorId, productId, manufacturer, product, serialNumber, usagePage, usage } = device.description;
  return { path, vendorId, productId, manufacturer, product, serialNumber, usagePage, usage };
}

function connect(plug: Plug): HidConnection {
  let listener: ((report: Uint8Array) => void) | undefined;
  let onGone: (() => void) | undefined;
  let state: 'open' | 'gone' | 'closed' = 'open';
  const early: Uint8Array[] = [];
  const stop = plug.device.onInput((report) => {
    const passed = plug.filter('in', report.slice());
    if (passed === false || state !== 'open') return;
    // A program hears of a report in a turn of its own, as from the system.
    queueMicrotask(() => {
      if (state !== 'open') return;
      if (listener === undefined) early.push(passed);
      else listener(passed);
    });
  });
  const entry = {
    gone() {
      state = 'gone';
      stop();
      onGone?.();
    },
  };
  plug.connections.add(entry);
  const check = (): void => {
    if (state !== 'open') throw new KeyholdError('DeviceGone', 'The device is not plugged in any more.');
  };
  return {
    async write(report) {
      check();
      const passed = plug.filter('out', report.slice());
      if (passed !== false) plug.device.output(passed);
    },
    onReport(next) {
      listener = next;
      for (const report of early.splice(0)) next(report);
    },
    onGone(next) {
      onGone = next;
      if (state === 'gone') next();
    },
    async sendFeatureReport(report) {
      check();
      plug.device.setFeature(report.slice());
    },
    async getFeatureReport(length) {
      check();
      return plug.device.getFeature(length);
    },
    async close() {
      if (state === 'open') state = 'closed';
      stop();
      plug.connections.delete(entry);
    },
  };
}
