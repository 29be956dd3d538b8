import { isKeyPairSpec } from '../algorithms/key-pairs.ts';
import { isSymmetricSpec } from '../algorithms/specs.ts';
import type { ObjectAttributes } from '../protocol.ts';

/**
 * Key material of KMS keys, whose loss or export the officers decide on. Not the keys of the local CA and of certificates (which sign and do not verify, as no KMS key does), nor access keys, client
 * keys and PINs, which come and go with what they are for; nor imported material whose time, set by who imported it, is over.
 */
export function isGuarded({ spec, usage, policy }: ObjectAttributes, now: number): boolean {
  if (!isSymmetricSpec(spec) && !isKeyPairSpec(spec)) return false;
  if (isKeyPairSpec(spec) && usage.length === 1 && usage[0] === 'sign') return false;
  return policy.notAfter === undefined || policy.notAfter > now;
}
