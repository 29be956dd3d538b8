import type { Found, Things } from '../../things.ts';

export type AccountsById = Map<string, Found<'account'>>;

/** Accounts of AWS itself: one with an endpoint of its own is something else with the same number. */
export function remoteAccountsById(things: Things): AccountsById {
  const byId: AccountsById = new Map();
  for (const account of things.all('account')) {
    const { kind, accountId, endpointUrl } = account.value;
    if (kind !== 'remote') continue;
    if (endpointUrl === undefined || !byId.has(accountId)) byId.set(accountId, account);
  }
  return byId;
}

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
