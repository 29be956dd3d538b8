import { type DeviceDescription, hex } from './emulated-device.ts';

const HIDRAW_MAJOR = 241;

/** What umockdev puts into its mock of /sys and udev for these devices: /dev/hidraw0, /dev/hidraw1, … */
export function sysfsDescription(devices: readonly DeviceDescription[]): string {
  return devices.map(describe).join('');
}

function describe(device: DeviceDescription, number: number): string {
  const id = (value: number): string => value.toString(16).padStart(4, '0');
  const vendor = id(device.vendorId);
  const product = id(device.productId);
  const port = number + 1;
  const usb = `/devices/pci0000:00/0000:00:14.0/usb1/1-${port}`;
  const usbInterface = `${usb}/1-${port}:1.0`;
  const hidName = `0003:${vendor}:${product}.${id(port)}`.toUpperCase();
  const hid = `${usbInterface}/${hidName}`;
  const node = `bus/usb/001/${String(port + 1).padStart(3, '0')}`;
  return [
    `P: ${hid}/hidraw/hidraw${number}`,
    `N: hidraw${number}`,
    ...environment({ DEVNAME: `/dev/hidraw${number}`, MAJOR: HIDRAW_MAJOR, MINOR: number, SUBSYSTEM: 'hidraw' }),
    ...attributes({ dev: `${HIDRAW_MAJOR}:${number}` }),
    `L: device=../../../${hidName}`,
    '',
    `P: ${hid}`,
    ...environment({
      SUBSYSTEM: 'hid',
      HID_ID: `0003:0000${vendor}:0000${product}`.toUpperCase(),
      HID_NAME: `${device.manufacturer} ${device.product}`,
      HID_PHYS: `usb-0000:00:14.0-${port}/input0`,
      HID_UNIQ: device.serialNumber,
      MODALIAS: `hid:b0003g0001v0000${vendor}p0000${product}`.toUpperCase(),
    }),
    `H: report_descriptor=${hex(device.reportDescriptor).toUpperCase()}`,
    '',
    `P: ${usbInterface}`,
    ...environment({ SUBSYSTEM: 'usb', DEVTYPE: 'usb_interface', DRIVER: 'usbhid' }),
    ...attributes({ bInterfaceNumber: '00', bInterfaceClass: '03' }),
    '',
    `P: ${usb}`,
    `N: ${node}`,
    ...environment({
      SUBSYSTEM: 'usb',
      DEVTYPE: 'usb_device',
      BUSNUM: '001',
      DEVNUM: node.slice(-3),
      MAJOR: 189,
      MINOR: port,
      DEVNAME: `/dev/${node}`,
    }),
    ...attributes({
      idVendor: vendor,
      idProduct: product,
      bcdDevice: '0100',
      manufacturer: device.manufacturer,
      product: device.product,
      serial: device.serialNumber,
      busnum: '1',
      devnum: String(port + 1),
    }),
    '',
    '',
  ].join('\n');
}

function environment(values: Record<string, string | number>): string[] {
  return Object.entries(values).map(([name, value]) => `E: ${name}=${value}`);
}

function attributes(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `A: ${name}=${value}\\n`);
}
