import { KeyholdError } from '../../../contract/errors.ts';
import type { CachedObject } from '../object-cache.ts';
import type { OtpParameters } from '../protocol-otp.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';

export interface OtpObject {
  object: CachedObject;
  otp: OtpParameters;
  /** The first step that is free: what the object says, or what this process has given out since. */
  next: number;
}

/** The seed behind a reference: `otp` to make codes of it, `verify` to check others'. `HsmRefused` for any other object. */
export function otpObjectFor(state: TokenState, value: unknown, usage: 'otp' | 'verify' = 'otp'): OtpObject {
  const object = objectFor(state, value, { usage, specs: ['OTP_SEED'] });
  const { id, otp } = object.attributes;
  if (otp === undefined) throw new KeyholdError('HsmRefused', 'This key makes no codes.');
  return { object, otp, next: Math.max(otp.next, state.otp.next.get(id) ?? 0) };
}
