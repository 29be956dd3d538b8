import type { SamlRole } from '../../../contract/saml.ts';
import type { Things } from '../../things.ts';

/** Two roles of one key are the same, through the same provider. */
export function samlRoleKey({ roleArn, principalArn }: SamlRole): string {
  return `${roleArn} ${principalArn}`;
}

/** Names of profiles of a sign-in by `samlRoleKey`. */
export function profilesOfSamlRoles(things: Things, signIn: string): Map<string, string[]> {
  const known = new Map<string, string[]>();
  for (const { value } of things.all('profile')) {
    const { origin, role } = value;
    if (origin?.kind !== 'saml' || origin.signIn !== signIn || role === undefined) continue;
    const key = samlRoleKey({ roleArn: role.arn, principalArn: origin.principalArn });
    known.set(key, [...(known.get(key) ?? []), value.name]);
  }
  return known;
}
