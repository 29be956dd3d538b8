import { deriveSigV4Key } from '../crypto/sigv4-key.ts';
import type { Scope } from './types.ts';

/**
 * The signing key of one day, region and service (SigV4, "Derive a signing key"): 32 bytes. For client keys, tests and
 * benchmarks; vaulted keys are derived in the HSM process only. The caller wipes the result.
 */
export function deriveSigningKey(secretAccessKey: Uint8Array | string, scope: Scope): Uint8Array {
  const secret = typeof secretAccessKey === 'string' ? Buffer.from(secretAccessKey, 'utf8') : secretAccessKey;
  return deriveSigV4Key(secret, scope.date, scope.region, scope.service);
}
