import type { HidDeviceInfo } from '../ports.ts';

/** A security key as the system lists it. One that is both appears as two: their interfaces are opened apart. */
export interface ListedKey {
  /** `fido`: CTAPHID; `otp`: HMAC-SHA1 challenge-response as a YubiKey speaks it. */
  kind: 'fido' | 'otp';
  path: string;
  /** For people: what it is called, and its serial number or a number of its own where several would have the same name. */
  name: string;
  vendorId: number;
  productId: number;
  /** Empty where the device has none. */
  serialNumber: string;
}

const FIDO_USAGE = { page: 0xf1d0, usage: 0x01 } as const;
const KEYBOARD_USAGE = { page: 0x01, usage: 0x06 } as const;
/** Vendor id. */
export const YUBICO = 0x1050;
const ONLYKEY = { vendor: 0x1d50, product: 0x60fc } as const;

/** The security keys among HID devices, in the order of their paths. */
export function findSecurityKeys(devices: readonly HidDeviceInfo[]): ListedKey[] {
  const found = devices
    .flatMap((device) => {
      const kind = kindOf(device);
      return kind === null ? [] : [{ kind, device }];
    })
    .sort((a, b) => comparePaths(a.device.path, b.device.path));
  return found.map((one) => {
    const { kind, device } = one;
    const sameName = found.filter((other) => other.kind === kind && plainName(other.device) === plainName(device));
    const number = sameName.length > 1 ? sameName.indexOf(one) + 1 : null;
    const { path, vendorId, productId, serialNumber } = device;
    return { kind, path, name: nameOf(device, number), vendorId, productId, serialNumber };
  });
}

function kindOf(device: HidDeviceInfo): ListedKey['kind'] | null {
  const { usagePage, usage, vendorId, productId } = device;
  if (usagePage === FIDO_USAGE.page && usage === FIDO_USAGE.usage) return 'fido';
  if (usagePage !== KEYBOARD_USAGE.page || usage !== KEYBOARD_USAGE.usage) return null;
  // Other makers' keys have challenge-response too (Nitrokey 3, over CCID), but do not speak this protocol over HID.
  const speaksOtp = vendorId === YUBICO || (vendorId === ONLYKEY.vendor && productId === ONLYKEY.product);
  return speaksOtp ? 'otp' : null;
}

function plainName({ manufacturer, product, vendorId, productId }: HidDeviceInfo): string {
  const maker = printable(manufacturer);
  const model = printable(product);
  if (model === '') return maker === '' ? `Security key ${hex(vendorId)}:${hex(productId)}` : maker;
  return maker === '' || model.toLowerCase().startsWith(maker.toLowerCase()) ? model : `${maker} ${model}`;
}

function nameOf(device: HidDeviceInfo, number: number | null): string {
  const name = plainName(device);
  const serial = printable(device.serialNumber);
  if (serial !== '') return `${name} (${serial})`;
  return number === null ? name : `${name} #${number}`;
}

/** A device says what it likes of itself, also to a terminal. */
function printable(text: string): string {
  return text
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 64);
}

function hex(number: number): string {
  return number.toString(16).padStart(4, '0');
}

/** hidraw2 before hidraw10. */
function comparePaths(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
