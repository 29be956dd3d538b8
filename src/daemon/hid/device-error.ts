import { join } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';

/** Beside dist/, and beside src/. */
const ROOT = join(import.meta.dirname, '..', '..', ...(import.meta.filename.endsWith('.ts') ? ['..'] : []));
const UDEV_RULES = join(ROOT, 'resources', 'udev', '70-keyhold.rules');

type Kind = 'DeviceGone' | 'DeviceBusy' | 'DeviceDenied' | 'DeviceFault';

/**
 * What the library says when a device fails: the system's own words, after its own number on Windows and macOS. They are no interface, but there is
 * no other: the binding hands on text alone.
 */
const SIGNS: readonly (readonly [Kind, RegExp])[] = [
  ['DeviceDenied', /permission denied|operation not permitted|access is denied|0x00000005|0xe00002e2/i],
  ['DeviceBusy', /device or resource busy|0x00000020|0xe00002c5/i],
  [
    'DeviceGone',
    /no such (?:file|device)|disconnected|has been closed|input\/output error|not found with the given path|0x00000002|0x0000048f|0xe00002c0|0xe00002d9/i,
  ],
];

/** How a person gets the rights to a security key, in one sentence for each system. */
export function howToGetRights(platform: NodeJS.Platform, path: string): string {
  switch (platform) {
    case 'linux':
      return `You have no rights to ${path}: as root, copy “${UDEV_RULES}” to /etc/udev/rules.d, run “udevadm control --reload” and plug the key in again.`;
    case 'win32':
      return 'Windows lets only administrators speak to security keys directly: start Keyhold as an administrator, or use the key through Windows’ own WebAuthn, which Keyhold cannot do yet.';
    case 'darwin':
      return 'macOS does not let Keyhold at the key: allow it in System Settings, Privacy & Security, Input Monitoring, and start it again.';
    default:
      return `You have no rights to ${path}.`;
  }
}

/** An error of the library as one of ours. */
export function deviceError(cause: unknown, path: string, platform: NodeJS.Platform = process.platform): KeyholdError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const kind = SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? 'DeviceFault';
  return new KeyholdError(kind, sentence(kind, path, platform), undefined, { cause });
}

function sentence(kind: Kind, path: string, platform: NodeJS.Platform): string {
  switch (kind) {
    case 'DeviceDenied':
      return howToGetRights(platform, path);
    case 'DeviceBusy':
      return 'Another program holds the security key; close it and try again.';
    case 'DeviceGone':
      return 'The security key was pulled out; plug it in and try again.';
    case 'DeviceFault':
      return 'The security key does not do what the system asks of it; pull it out, plug it in and try again.';
  }
}

/** Why the system does not say what is plugged in, though the library is there. */
export function listingError(cause: unknown): KeyholdError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new KeyholdError(
    'DeviceFault',
    `The system does not say which HID devices are plugged in (${text.slice(0, 200)}); try again, and see whether its device service (on Linux udev) runs.`,
    undefined,
    { cause },
  );
}

/** Debian's package of each library that the binding needs. */
const PACKAGES: Readonly<Record<string, string>> = { 'libudev.so': 'libudev1', 'libusb-1.0.so': 'libusb-1.0-0' };

/** Why the binding itself cannot be loaded. */
export function hidUnavailable(cause: unknown): KeyholdError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const library = /(lib[\w.+-]+?\.so)[\d.]*: cannot open shared object/.exec(text)?.[1];
  const debian = library === undefined ? undefined : PACKAGES[library];
  const what =
    library === undefined
      ? 'This installation of Keyhold cannot reach HID devices: install the package node-hid (npm install), and try again.'
      : `Security keys need the library ${library}, which is not installed: install it${debian === undefined ? '' : ` (Debian: ${debian})`}, and start Keyhold again.`;
  return new KeyholdError('HidUnavailable', what, undefined, { cause });
}
