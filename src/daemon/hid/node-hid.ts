import type { Device, HIDAsync } from 'node-hid';
import type { Hid, HidConnection, HidDeviceInfo } from '../../core/ports.ts';
import { deviceError, hidUnavailable, listingError } from './device-error.ts';

type NodeHid = typeof import('node-hid');

const REPORT_NUMBER = 0;

/** HID devices by the package node-hid, which is loaded when the first is asked for: a machine without its libraries runs everything else. */
export function createNodeHid(load: () => Promise<NodeHid> = () => import('node-hid')): Hid {
  let loading: Promise<NodeHid> | undefined;

  async function binding(): Promise<NodeHid> {
    loading ??= load().then((module) => {
      // The other driver, libusb, would take the device away from the kernel and from every other program.
      if (process.platform === 'linux') module.setDriverType('hidraw');
      return module;
    });
    try {
      return await loading;
    } catch (error) {
      // What is missing may be installed while the daemon runs.
      loading = undefined;
      throw hidUnavailable(error);
    }
  }

  return {
    async list() {
      const module = await binding();
      let devices: Device[];
      try {
        devices = await module.devicesAsync();
      } catch (error) {
        throw listingError(error);
      }
      return devices.flatMap(infoOf);
    },

    async open(path) {
      const { HIDAsync } = await binding();
      let device: HIDAsync;
      try {
        // macOS would otherwise refuse the keyboard that a YubiKey is, and take a FIDO device from the browser.
        device = await HIDAsync.open(path, { nonExclusive: true });
      } catch (error) {
        throw deviceError(error, path);
      }
      return connect(device, path);
    },
  };
}

function infoOf(device: Device): HidDeviceInfo[] {
  const { path, vendorId, productId } = device;
  if (path === undefined) return [];
  return [
    {
      path,
      vendorId,
      productId,
      manufacturer: device.manufacturer ?? '',
      product: device.product ?? '',
      serialNumber: device.serialNumber ?? '',
      usagePage: device.usagePage ?? 0,
      usage: device.usage ?? 0,
    },
  ];
}

function connect(device: HIDAsync, path: string): HidConnection {
  let state: 'open' | 'gone' | 'closed' = 'open';
  let onGone: (() => void) | undefined;

  async function release(): Promise<void> {
    try {
      await device.close();
    } catch {
      // It is closed already, or was never there.
    }
  }

  function gone(): void {
    if (state !== 'open') return;
    state = 'gone';
    void release();
    onGone?.();
  }

  // Without a listener, an error that comes while nobody reads would end the process.
  device.on('error', gone);

  async function attempt<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    try {
      if (state !== 'open') throw new Error('device has been closed');
      return await act();
    } catch (error) {
      const named = deviceError(error, path);
      if (named.code === 'DeviceGone') gone();
      throw named;
    }
  }

  return {
    async write(report) {
      await attempt(() => device.write(withNumber(report)));
    },
    onReport(listener) {
      // Reading begins here: the system keeps what came since the device was opened. A device that is a keyboard is never read at all.
      device.on('data', (report: Buffer) => {
        if (state === 'open') listener(Uint8Array.from(report));
      });
    },
    onGone(listener) {
      onGone = listener;
      if (state === 'gone') listener();
    },
    async sendFeatureReport(report) {
      const numbered = withNumber(report);
      try {
        await attempt(() => device.sendFeatureReport(numbered));
      } finally {
        numbered.fill(0);
      }
    },
    async getFeatureReport(length) {
      const numbered = await attempt(() => device.getFeatureReport(REPORT_NUMBER, length + 1));
      try {
        return Uint8Array.from(numbered.subarray(1));
      } finally {
        // Part of a YubiKey's response, which unlocks.
        numbered.fill(0);
      }
    },
    async close() {
      if (state !== 'open') return;
      state = 'closed';
      await release();
    },
  };
}

function withNumber(report: Uint8Array): Buffer {
  const out = Buffer.alloc(1 + report.length);
  out[0] = REPORT_NUMBER;
  out.set(report, 1);
  return out;
}
