import type { Things } from '../../things.ts';

/** Names of profiles of a sign-in by `accountId roleName`. */
export function profilesOfRoles(things: Things, signIn: string): Map<string, string[]> {
  const known = new Map<string, string[]>();
  for (const { value } of things.all('profile')) {
    if (value.origin?.kind !== 'sso' || value.origin.signIn !== signIn) continue;
    const role = `${things.must('account', value.account).accountId} ${value.origin.roleName}`;
    known.set(role, [...(known.get(role) ?? []), value.name]);
  }
  return known;
}
