import { fold } from '../client/import/vault-name.ts';
import { isServedRegion, notServed } from '../contract/partitions.ts';
import type { Profile } from '../contract/schemas.ts';
import { usageError } from './errors.ts';

/**
 * Throws `InvalidInput` where a profile of a local account is to be used in a Region that such accounts do not have: each request would be refused. Of what
 * AWS and other stores have, they know best.
 */
export function checkRegion(profiles: readonly Profile[], name: string, region: string): void {
  const profile = profiles.find((one) => fold(one.name) === fold(name));
  if (profile === undefined) return;
  const { key, source, origin } = profile;
  const local = key === undefined && source === undefined && origin === undefined;
  if (local && !isServedRegion(region)) throw usageError(`--region: ${notServed(region)}`);
}
