import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { deviceError, hidUnavailable } from '../../../src/daemon/hid/device-error.ts';
import { createNodeHid } from '../../../src/daemon/hid/node-hid.ts';

describe('what the library says, in our words', () => {
  test.each([
    [
      'linux' as const,
      "cannot open device with path /dev/hidraw3: Failed to open a device with path '/dev/hidraw3': Permission denied",
      'DeviceDenied',
    ],
    ['linux' as const, 'cannot open device: Device or resource busy', 'DeviceBusy'],
    ['linux' as const, 'cannot open device: No such file or directory', 'DeviceGone'],
    [
      'linux' as const,
      'could not read data from device: hid_read_timeout: unexpected poll error (device disconnected)',
      'DeviceGone',
    ],
    ['linux' as const, 'Cannot write to hid device: No such device', 'DeviceGone'],
    ['linux' as const, 'could not get feature report from device: ioctl (GFEATURE): Broken pipe', 'DeviceFault'],
    ['win32' as const, 'cannot open device: open_device: (0x00000005) Access is denied.', 'DeviceDenied'],
    [
      'win32' as const,
      'cannot open device: open_device: (0x00000020) Der Prozess kann nicht auf die Datei zugreifen',
      'DeviceBusy',
    ],
    ['win32' as const, 'WriteFile: (0x0000048F) The device is not connected.', 'DeviceGone'],
    [
      'darwin' as const,
      'hid_open_path: failed to open IOHIDDevice from mach entry: (0xE00002C5) (iokit/common) exclusive access and device already open',
      'DeviceBusy',
    ],
    [
      'darwin' as const,
      'hid_open_path: failed to open IOHIDDevice from mach entry: (0xE00002E2) (iokit/common) not permitted',
      'DeviceDenied',
    ],
  ])('%s: %s', (platform, text, code) => {
    expect(deviceError(new Error(text), '/dev/hidraw3', platform).code).toBe(code);
  });

  test('tells each system’s people what to do', () => {
    const denied = (platform: NodeJS.Platform): string =>
      deviceError(new Error('Permission denied'), '/dev/hidraw3', platform).message;
    expect(denied('linux')).toContain('/etc/udev/rules.d');
    expect(existsSync(/copy “(.+?)”/.exec(denied('linux'))?.[1] ?? '')).toBe(true);
    expect(denied('win32')).toMatch(/administrator.*WebAuthn/);
    expect(denied('darwin')).toContain('Input Monitoring');
  });

  test.each([
    ['libudev.so.1: cannot open shared object file: No such file or directory', /libudev\.so.*Debian: libudev1\)/],
    ['libusb-1.0.so.0: cannot open shared object file: No such file', /libusb-1\.0\.so.*Debian: libusb-1\.0-0\)/],
    ["Cannot find package 'node-hid'", /install the package node-hid/],
  ])('names what is missing: %s', (text, message) => {
    const error = hidUnavailable(new Error(text));
    expect(error).toMatchObject({ code: 'HidUnavailable', message: expect.stringMatching(message) });
  });
});

describe('the adapter', () => {
  /** As much of node-hid as the adapter uses. */
  class FakeDevice extends EventEmitter {
    readonly written: number[][] = [];
    feature = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    fails: string | null = null;
    closed = 0;
    async write(data: Buffer): Promise<number> {
      if (this.fails !== null) throw new Error(this.fails);
      this.written.push([...data]);
      return data.length;
    }
    async getFeatureReport(): Promise<Buffer> {
      return this.feature;
    }
    async close(): Promise<void> {
      this.closed += 1;
    }
  }

  function adapter(device = new FakeDevice()) {
    const setDriverType = vi.fn();
    const load = vi.fn(async () => ({
      setDriverType,
      devicesAsync: async () => [{ path: undefined }, { path: 'x', vendorId: 1, productId: 2 }],
      HIDAsync: { open: async () => device },
    }));
    // @ts-expect-error: a fake has not all of it
    return { device, load, setDriverType, hid: createNodeHid(load) };
  }

  test('loads the binding once, when it is first needed, and again where that failed', async () => {
    const { hid, load } = adapter();
    expect(load).not.toHaveBeenCalled();
    load.mockRejectedValueOnce(new Error('libudev.so.1: cannot open shared object file'));
    await expect(hid.list()).rejects.toMatchObject({ code: 'HidUnavailable' });
    const expected = { path: 'x', vendorId: 1, productId: 2, manufacturer: '', product: '', serialNumber: '' };
    expect(await hid.list()).toEqual([{ ...expected, usagePage: 0, usage: 0 }]);
    await hid.list();
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('says in the system’s words why it cannot list devices: the package is there', async () => {
    const { hid, load } = adapter();
    const devicesAsync = () => Promise.reject(new Error('udev_new failed'));
    load.mockResolvedValueOnce({ ...(await load()), devicesAsync });
    await expect(hid.list()).rejects.toMatchObject({
      code: 'DeviceFault',
      message: expect.stringContaining('(udev_new failed)'),
    });
  });

  test('puts report number 0 before what it writes, and wipes what it read', async () => {
    const { hid, device } = adapter();
    const connection = await hid.open('x');
    await connection.write(Uint8Array.of(9, 8));
    expect(device.written).toEqual([[0, 9, 8]]);
    expect(await connection.getFeatureReport(8)).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(device.feature.every((byte) => byte === 0)).toBe(true);
  });

  test('never reads a device to which nobody listens', async () => {
    const { hid, device } = adapter();
    const connection = await hid.open('x');
    expect(device.listenerCount('data')).toBe(0);
    connection.onReport(() => {});
    expect(device.listenerCount('data')).toBe(1);
  });

  test.each([
    ['reading', async (device: FakeDevice) => void device.emit('error', 'could not read from HID device')],
    [
      'writing',
      async (device: FakeDevice, write: () => Promise<void>) => {
        device.fails = 'Cannot write to hid device: No such device';
        await expect(write()).rejects.toMatchObject({ code: 'DeviceGone' });
      },
    ],
  ])('says once that the device is gone, when %s fails', async (_what, fail) => {
    const { hid, device } = adapter();
    const connection = await hid.open('x');
    const gone = vi.fn();
    connection.onGone(gone);
    await fail(device, () => connection.write(new Uint8Array(64)));
    device.emit('error', 'again');
    await expect(connection.write(new Uint8Array(64))).rejects.toMatchObject({ code: 'DeviceGone' });
    expect(gone).toHaveBeenCalledOnce();
    await connection.close();
    expect(device.closed).toBe(1);
  });

  test('says nothing of a device that it closed itself', async () => {
    const { hid, device } = adapter();
    const connection = await hid.open('x');
    const gone = vi.fn();
    connection.onGone(gone);
    await connection.close();
    await connection.close();
    device.emit('error', 'late');
    expect(gone).not.toHaveBeenCalled();
    expect(device.closed).toBe(1);
  });
});
