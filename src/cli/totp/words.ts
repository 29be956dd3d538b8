import type { OtpCodes, OtpDevice } from '../../contract/totp.ts';
import type { Cli } from '../cli.ts';
import { table } from '../table.ts';
import { relativeTime } from '../words.ts';

/** Digits in two halves, as people read them aloud. */
export function spaced(code: string): string {
  const half = Math.ceil(code.length / 2);
  return `${code.slice(0, half)} ${code.slice(half)}`;
}

export function devicesText(cli: Cli, devices: readonly OtpDevice[]): string {
  if (devices.length === 0) {
    return 'No authenticator entries yet. Add one with keyhold totp add, or take them over with keyhold totp import.\n';
  }
  const now = cli.now();
  return table(
    [
      { title: 'Name' },
      { title: 'Issuer' },
      { title: 'Account' },
      { title: 'Codes', fixed: true },
      { title: 'Last used' },
      { title: 'AWS device' },
    ],
    sorted(devices).map((device) => [
      device.favourite ? `★ ${device.name}` : device.name,
      device.issuer,
      device.label,
      kindOf(device),
      device.lastUsedAt === undefined ? 'never' : relativeTime(device.lastUsedAt, now),
      device.enrolling === undefined ? (device.mfaSerial ?? '') : 'enrolment not complete',
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}

/** Favourites first. */
export function sorted(devices: readonly OtpDevice[]): OtpDevice[] {
  return devices.toSorted((a, b) => Number(b.favourite) - Number(a.favourite) || a.name.localeCompare(b.name, 'en'));
}

function kindOf({ type, algorithm, digits, period }: OtpDevice): string {
  const time = type === 'hotp' ? 'by counter' : `every ${period ?? 30} s`;
  return algorithm === 'SHA1' ? `${digits} digits ${time}` : `${digits} digits ${time}, ${algorithm}`;
}

/** Of counters nothing can be shown beforehand. */
export const BY_COUNTER_ALONE = 'Codes by counter are only shown when they are used:';

/** What `code --show` prints. */
export function shownText(codes: OtpCodes, now: number): string {
  if (codes.usableFrom === null) return `${BY_COUNTER_ALONE} leave --show out.\n`;
  const seconds = (instant: string): number => Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000));
  const current =
    codes.current === null ? 'used' : `${spaced(codes.current.code)}  for ${seconds(codes.current.validUntil)} s`;
  const next = codes.next === null ? 'used' : `${spaced(codes.next.code)}  in ${seconds(codes.next.validFrom)} s`;
  return `now   ${current}\nnext  ${next}\n`;
}
