import { KeyholdError } from '../../../contract/errors.ts';
import { settingsOf } from '../../sign-ins/driver.ts';
import type { Found, Things } from '../../things.ts';
import type { HeldOrigin } from './held-origin.ts';
import type { KeptSsoOrigin } from './kept-origin.ts';

/** A role that the Identity Center has assigned in the profile's account, for whoever signed in. */
export function ssoOrigin(kept: KeptSsoOrigin): HeldOrigin {
  const signInOf = (things: Things): Found<'signIn'> => ({
    id: kept.signIn,
    value: things.must('signIn', kept.signIn),
  });
  return {
    sessionKind: 'sso',
    takesRole: false,
    isRole: true,
    view: (things) => ({ ...kept, signIn: signInOf(things).value.name }),
    assert(things) {
      settingsOf(signInOf(things), 'sso');
    },
    refersTo: [kept.signIn],
    parts: (things) => [signInOf(things).value.settings, signInOf(things).value.signedInAt],
    // The next login may be another person's.
    settings(things) {
      const { startUrl, region, endpointUrl } = settingsOf(signInOf(things), 'sso');
      return [startUrl, region, endpointUrl, signInOf(things).value.signedInAt, kept.roleName];
    },
    async obtain({ session }, { value: profile }) {
      const { accountId } = session.things.must('account', profile.account);
      const { roleName, signIn } = kept;
      try {
        return await session.signIns.tokens.with(signIn, (sso, place, token) =>
          sso.roleCredentials(place, token, { accountId, roleName }),
        );
      } catch (error) {
        throw explain(error, { roleName, accountId, signIn: signInOf(session.things).value.name });
      }
    },
  };
}

/** The portal says `No access` and no more. */
function explain(
  error: unknown,
  { roleName, accountId, signIn }: { roleName: string; accountId: string; signIn: string },
): unknown {
  const known = error instanceof KeyholdError && error.code === 'ServiceRefused';
  const name = known ? error.details?.['name'] : undefined;
  if (!known || (name !== 'ForbiddenException' && name !== 'ResourceNotFoundException')) return error;
  return new KeyholdError(
    'ServiceRefused',
    `Whoever is signed in to ${signIn} has no role ${roleName} in the account ${accountId}; "keyhold sso list" shows which there are. ${error.message}`,
    error.details,
    { cause: error },
  );
}
