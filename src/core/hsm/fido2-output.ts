import { equal } from '../crypto/equal.ts';
import { HMAC_SECRET_BYTES } from '../crypto/pin-uv-protocol.ts';
import { wipe } from '../crypto/wipe.ts';
import { verifyAssertion } from '../fido/verify-assertion.ts';
import { handleOf } from './pin-uv-handles.ts';
import type { Fido2Factor } from './slot-factors.ts';
import type { TokenState } from './state.ts';
import type { AssertionInput } from './way-in.ts';

/**
 * What a security key answers for a factor, which is the caller's to wipe; null where the assertion is not one of this credential, for this site, over the hash that this
 * process has just chosen for this salt, by somebody who touched the key and, where the slot wants it, was verified by it. `StaleSealKey` for a handle that has ended.
 */
export function fido2Output(
  state: TokenState,
  factor: Fido2Factor,
  { handle: name, authData, signature }: AssertionInput,
): Uint8Array | null {
  const { exchange, asked } = handleOf(state, name);
  if (asked === null || !equal(asked.salt, factor.salt)) return null;
  const { clientDataHash } = asked;
  const verdict = verifyAssertion({
    rpId: factor.rpId,
    publicKey: factor.publicKey,
    authData,
    clientDataHash,
    signature,
    // A slot has no place for the counter, and a clone of this key would answer the same secret anyway.
    signCount: 0,
    requireUserVerification: factor.uv,
  });
  // With its person verified, a key answers another secret than without (CTAP 2.1, section 12.5).
  if (!verdict.verified || verdict.userVerified !== factor.uv) return null;
  const encrypted = verdict.extensions?.get('hmac-secret');
  if (!(encrypted instanceof Uint8Array)) return null;
  const [output, ...others] = exchange.hmacSecretOutputs(encrypted, 1);
  wipe(...others);
  return output?.length === HMAC_SECRET_BYTES ? output : null;
}
