import type { SamlRole } from '../../../contract/saml.ts';
import type { Found, Things } from '../../things.ts';

/** By their numbers. */
export function remoteAccounts(things: Things): Map<string, Found<'account'>> {
  const remote = things.all('account').filter(({ value }) => value.kind === 'remote');
  // The first one there is.
  return new Map(remote.reverse().map((account) => [account.value.accountId, account]));
}

/** One that works with the role through the sign-in. */
export function profileOfSamlRole(
  things: Things,
  signIn: string,
  { roleArn, principalArn }: SamlRole,
): Found<'profile'> | undefined {
  return things.all('profile').find(({ value: { origin, role } }) => {
    if (origin?.kind !== 'saml' || origin.signIn !== signIn) return false;
    return origin.principalArn === principalArn && role?.arn === roleArn;
  });
}
