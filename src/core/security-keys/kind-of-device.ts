import type { HidDeviceInfo } from '../ports.ts';

const FIDO_USAGE_PAGE = 0xf1d0;
const DESKTOP_USAGE_PAGE = 1;
const KEYBOARD_USAGE = 6;
const YUBICO = 0x1050;
const ONLYKEY = { vendorId: 0x1d50, productId: 0x60fc };

/** What Keyhold can do with a HID collection; null: nothing. */
export function kindOfDevice(hid: HidDeviceInfo): 'fido' | 'otp' | null {
  if (hid.usagePage === FIDO_USAGE_PAGE) return 'fido';
  if (hid.usagePage !== DESKTOP_USAGE_PAGE || hid.usage !== KEYBOARD_USAGE) return null;
  const onlyKey = hid.vendorId === ONLYKEY.vendorId && hid.productId === ONLYKEY.productId;
  return hid.vendorId === YUBICO || onlyKey ? 'otp' : null;
}

/** For people, without control characters: the words are the device's own. */
export function nameOfDevice({ product, manufacturer }: HidDeviceInfo): string {
  const clean = (text: string): string => text.replaceAll(/\p{C}/gu, '').trim().slice(0, 64);
  const name = clean(product) || 'Security key';
  const maker = clean(manufacturer);
  return maker === '' || name.toLowerCase().includes(maker.toLowerCase()) ? name : `${name} (${maker})`;
}
