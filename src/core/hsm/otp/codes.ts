import { createGuardrails, generateSync, type HashAlgorithm } from 'otplib';
import { equal } from '../../crypto/equal.ts';
import { hmac } from '../../crypto/hmac.ts';
import { systemRandom } from '../../crypto/random.ts';
import type { OtpAlgorithm, OtpCode, OtpParameters } from '../protocol-otp.ts';

/** Shorter seeds than RFC 4226 wants (16 bytes) are in use everywhere; longer ones are keys of HMAC as well. */
export const SHORTEST_SEED = 8;
export const LONGEST_SEED = 128;

const HASHES: Record<OtpAlgorithm, HashAlgorithm> = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' };
const guardrails = createGuardrails({ MIN_SECRET_BYTES: SHORTEST_SEED, MAX_SECRET_BYTES: LONGEST_SEED });

/** otplib's arithmetic over this project's one HMAC. */
const plugin = {
  name: 'keyhold',
  hmac: (hash: HashAlgorithm, key: Uint8Array, data: Uint8Array): Uint8Array => hmac(hash, key, data),
  randomBytes: (length: number): Uint8Array => systemRandom.bytes(length),
  constantTimeEqual: (a: string | Uint8Array, b: string | Uint8Array): boolean => equal(Buffer.from(a), Buffer.from(b)),
};

/** The time step (RFC 6238 section 4.2, T0 = 0) at an instant in ms. */
export function stepAt(now: number, period: number): number {
  return Math.floor(now / (period * 1000));
}

/** The code of a time step or counter. */
export function codeOf(seed: Uint8Array, parameters: OtpParameters, step: number): OtpCode {
  const code = generateSync({
    strategy: 'hotp',
    secret: seed,
    counter: step,
    algorithm: HASHES[parameters.algorithm],
    digits: digitsOf(parameters.digits),
    crypto: plugin,
    guardrails,
  });
  const { type, period } = parameters;
  if (type === 'hotp') return { code, step, validFrom: 0, validUntil: 0 };
  return { code, step, validFrom: step * period * 1000, validUntil: (step + 1) * period * 1000 };
}

function digitsOf(digits: number): 6 | 7 | 8 {
  if (digits === 6 || digits === 7 || digits === 8) return digits;
  throw new RangeError('digits out of bounds');
}
