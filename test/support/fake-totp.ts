import type { OtpCodes, OtpDevice } from '../../src/contract/totp.ts';

const ISSUERS = ['GitHub', 'Amazon Web Services', 'Google', 'npm', 'Hetzner', 'Fastmail', 'Cloudflare', 'PyPI'];
const NAMES = ['github', 'aws root', 'google', 'npm', 'hosting', 'mail', 'dns', 'pypi'];
const MOST_DEVICES = 400;
const PERIOD_MS = 30_000;

/** As many authenticator entries as there are keys, up to what somebody may have. */
export function fakeDevices(rows: number, now: number): OtpDevice[] {
  return Array.from({ length: Math.min(rows, MOST_DEVICES) }, (_, index) => {
    const round = Math.floor(index / NAMES.length);
    const issuer = ISSUERS[index % ISSUERS.length] ?? '';
    return {
      id: `e${index.toString(16).padStart(31, '0')}`,
      name: `${NAMES[index % NAMES.length] ?? ''}${round === 0 ? '' : ` ${round + 1}`}`,
      issuer,
      label: 'alice@example.com',
      type: index % 16 === 7 ? 'hotp' : 'totp',
      algorithm: 'SHA1',
      digits: index % 5 === 4 ? 8 : 6,
      ...(index % 16 === 7 ? {} : { period: PERIOD_MS / 1000 }),
      favourite: index === 1,
      ...(index === 1 ? { mfaSerial: 'arn:aws:iam::123456789012:mfa/root-account-mfa-device' } : {}),
      createdAt: new Date(now - 90 * 86_400_000).toISOString(),
      ...(index % 3 === 0 ? {} : { lastUsedAt: new Date(now - index * 3_600_000).toISOString() }),
    };
  });
}

/** Digits that look like codes; the third entry's has been used. */
export function fakeCodes(devices: readonly OtpDevice[], now: number): OtpCodes[] {
  const step = Math.floor(now / PERIOD_MS);
  const codeAt = (device: number, at: number, digits: number) => ({
    code: String((at * 7919 + device * 104_729) % 10 ** digits).padStart(digits, '0'),
    validFrom: new Date(at * PERIOD_MS).toISOString(),
    validUntil: new Date((at + 1) * PERIOD_MS).toISOString(),
  });
  return devices.map(({ name, type, digits }, index) => {
    if (type === 'hotp') return { name, current: null, next: null, usableFrom: null };
    const used = index === 2;
    return {
      name,
      current: used ? null : codeAt(index, step, digits),
      next: codeAt(index, step + 1, digits),
      usableFrom: new Date((used ? step + 1 : step) * PERIOD_MS).toISOString(),
    };
  });
}
