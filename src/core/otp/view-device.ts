import type { OtpCodes, OtpDevice } from '../../contract/totp.ts';
import type { OtpCode, OtpShown } from '../hsm/protocol.ts';
import type { Found } from '../things.ts';
import { instant } from '../views.ts';

export function viewDevice({ id, value }: Found<'otpDevice'>): OtpDevice {
  return {
    id,
    name: value.name,
    issuer: value.issuer,
    label: value.label,
    type: value.type,
    algorithm: value.algorithm,
    digits: value.digits,
    ...(value.period === undefined ? {} : { period: value.period }),
    favourite: value.favourite,
    ...(value.mfaSerial === undefined ? {} : { mfaSerial: value.mfaSerial }),
    ...(value.enrolling === undefined
      ? {}
      : { enrolling: { profile: value.enrolling.profileName, userName: value.enrolling.userName } }),
    createdAt: instant(value.createdAt),
    ...(value.lastUsedAt === undefined ? {} : { lastUsedAt: instant(value.lastUsedAt) }),
  };
}

export function viewCodes(name: string, type: 'totp' | 'hotp', shown: OtpShown): OtpCodes {
  return {
    name,
    current: viewCode(shown.current),
    next: viewCode(shown.next),
    usableFrom: type === 'hotp' ? null : instant(shown.usableFrom),
  };
}

function viewCode(code: OtpCode | null): OtpCodes['current'] {
  if (code === null) return null;
  return { code: code.code, validFrom: instant(code.validFrom), validUntil: instant(code.validUntil) };
}
