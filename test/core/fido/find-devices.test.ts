import { expect, test } from 'vitest';
import { findSecurityKeys } from '../../../src/core/fido/find-devices.ts';
import type { HidDeviceInfo } from '../../../src/core/ports.ts';

const info = (change: Partial<HidDeviceInfo>): HidDeviceInfo => ({
  path: '/dev/hidraw0',
  vendorId: 0x1050,
  productId: 0x0407,
  manufacturer: 'Yubico',
  product: 'YubiKey OTP+FIDO+CCID',
  serialNumber: '',
  usagePage: 0xf1d0,
  usage: 1,
  ...change,
});
const KEYBOARD = { usagePage: 1, usage: 6 };

test('security keys are told from everything else', () => {
  const found = findSecurityKeys([
    info({ path: '/dev/hidraw10' }),
    info({ path: '/dev/hidraw2', ...KEYBOARD }),
    info({
      path: '/dev/hidraw3',
      vendorId: 0x1d50,
      productId: 0x60fc,
      manufacturer: 'CRYPTOTRUST',
      product: 'ONLYKEY',
      ...KEYBOARD,
    }),
    info({ path: '/dev/hidraw4', vendorId: 0x046d, product: 'Keyboard', ...KEYBOARD }),
    info({ path: '/dev/hidraw5', vendorId: 0x1d50, productId: 0x6000, ...KEYBOARD }),
    info({ path: '/dev/hidraw6', usage: 2 }),
    info({ path: '/dev/hidraw7', usagePage: 1, usage: 2 }),
    info({
      path: '/dev/hidraw8',
      vendorId: 0x20a0,
      productId: 0x42b2,
      manufacturer: 'Nitrokey',
      product: 'Nitrokey 3',
    }),
  ]);
  expect(found.map(({ kind, path, name }) => [kind, path, name])).toEqual([
    ['otp', '/dev/hidraw2', 'Yubico YubiKey OTP+FIDO+CCID'],
    ['otp', '/dev/hidraw3', 'CRYPTOTRUST ONLYKEY'],
    ['fido', '/dev/hidraw8', 'Nitrokey 3'],
    ['fido', '/dev/hidraw10', 'Yubico YubiKey OTP+FIDO+CCID'],
  ]);
});

test('several of one name have numbers, or their serial numbers', () => {
  const names = (...devices: Partial<HidDeviceInfo>[]) => findSecurityKeys(devices.map(info)).map(({ name }) => name);
  expect(
    names({ path: 'b', product: 'Solo', manufacturer: '' }, { path: 'a', product: 'Solo', manufacturer: '' }),
  ).toEqual(['Solo #1', 'Solo #2']);
  expect(names({ path: 'a', serialNumber: '41' }, { path: 'b', serialNumber: '42' })).toEqual([
    'Yubico YubiKey OTP+FIDO+CCID (41)',
    'Yubico YubiKey OTP+FIDO+CCID (42)',
  ]);
  expect(names({ manufacturer: '', product: '' })).toEqual(['Security key 1050:0407']);
  expect(names({ product: '' })).toEqual(['Yubico']);
});

test('what a device says of itself cannot write on a terminal', () => {
  const [found] = findSecurityKeys([
    info({ product: `\u001b[2JKey\u202e\n${'x'.repeat(500)}`, serialNumber: '\u0007' }),
  ]);
  expect(found?.name).toMatch(/^Yubico \[2JKey x{57}$/);
});
