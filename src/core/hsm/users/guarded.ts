import { isKeyPairSpec } from '../algorithms/key-pairs.ts';
import { isSymmetricSpec } from '../algorithms/specs.ts';
import type { ObjectAttributes } from '../protocol.ts';

/**
 * Key material of KMS keys, whose loss or export the officers decide on. Not the local CA's key (the only one that signs and does not verify), nor access keys, client
 * keys and PINs, which come and go with what they are for; nor imported material whose time, set by who imported it, is over.
 */
export function isGuarded({ spec, usage, policy }: ObjectAttributes, now: number): boolean {
  if (!isSymmetricSpec(spec) && !isKeyPairSpec(spec)) return false;
  if (spec === 'EC_P256' && usage.length === 1 && usage[0] === 'sign') return false;
  return policy.notAfter === undefined || policy.notAfter > now;
}
