import { fieldsOf, integerOf, invalid, MOST_COUNTED, oneOf } from '../input.ts';
import type { OtpAlgorithm, OtpParameters } from '../protocol-otp.ts';

const TYPES: readonly OtpParameters['type'][] = ['totp', 'hotp'];
const ALGORITHMS: readonly OtpAlgorithm[] = ['SHA1', 'SHA256', 'SHA512'];
const LONGEST_PERIOD = 3600;

export function otpParametersOf(value: unknown): OtpParameters {
  const fields = fieldsOf(value, 'otp', ['type', 'algorithm', 'digits', 'period', 'next']);
  const type = oneOf(fields['type'], 'otp.type', TYPES);
  const period = integerOf(fields['period'], 'otp.period', 0, LONGEST_PERIOD);
  if ((type === 'totp') !== period > 0) throw invalid('otp.period', '1 to 3,600 seconds for TOTP and 0 for HOTP');
  return {
    type,
    algorithm: oneOf(fields['algorithm'], 'otp.algorithm', ALGORITHMS),
    digits: integerOf(fields['digits'], 'otp.digits', 6, 8),
    period,
    next: integerOf(fields['next'], 'otp.next', 0, MOST_COUNTED),
  };
}
