import type { Profile } from '../../../contract/schemas.ts';
import { roleName } from './chain-links.ts';
import { originNode } from './origin-node.ts';

type Signer = Pick<Profile, 'key' | 'source' | 'origin' | 'role'>;

/** What a profile works as, short enough for a row: its role, or else what gives its credentials. */
export function signerWords({ key, source, origin, role }: Signer): string {
  if (role !== undefined) return roleName(role.arn);
  if (origin?.kind === 'sso') return `${origin.roleName}, ${origin.signIn}`;
  if (origin !== undefined) return originNode(origin).title;
  return key ?? source ?? 'local';
}

/** By what else it is found: names of what gives its credentials, and of its role. */
export function searchedSigner({ key, source, origin, role }: Signer): string {
  const node = origin === undefined ? undefined : originNode(origin);
  const ofSignIn = origin?.kind === 'sso' ? origin.roleName : undefined;
  return [key, source, role?.arn, ofSignIn, node?.title, node?.note].filter((one) => one !== undefined).join(' ');
}
