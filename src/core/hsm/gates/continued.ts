import type { CachedObject } from '../object-cache.ts';
import type { HsmOperation } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { requireTouchFor } from './require-touch.ts';
import { remember } from './state.ts';

/**
 * A body that is signed chunk by chunk is one use: each chunk's signature covers the one before it, up to the request that was touched for. Throws `TouchRequired` for a chain
 * that does not begin with one.
 */
export function requireContinued(
  state: TokenState,
  { attributes: { id, policy } }: CachedObject,
  previousSignature: string,
  { op, input }: { op: HsmOperation; input: unknown },
): void {
  if (policy.mfa === undefined) return;
  if (state.gates.continued.get(previousSignature) === id) {
    state.gates.continued.delete(previousSignature);
    return;
  }
  requireTouchFor(state, { op, object: id, gate: policy.mfa }, input);
}

/** `signature` may be continued, once. */
export function mayContinue(state: TokenState, { attributes }: CachedObject, signature: string | undefined): void {
  if (attributes.policy.mfa === undefined || signature === undefined) return;
  remember(state.gates.continued, signature, attributes.id);
}
