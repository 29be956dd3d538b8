import type { SamlRole } from '../../../contract/saml.ts';
import type { Found, Things } from '../../things.ts';

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
