import { KeyholdError } from '../../../contract/errors.ts';
import type { CachedObject } from '../object-cache.ts';

/** For what would let the daemon verify a client's signatures by itself from then on, without a touch. */
export function requireNoGate({ attributes: { policy } }: CachedObject): void {
  if (policy.mfa === undefined) return;
  throw new KeyholdError(
    'HsmRefused',
    'Signatures of a client that wants a security key to be touched are verified in the vault process alone. Sign with SigV4.',
  );
}
