import { KeyholdError } from '../../../contract/errors.ts';
import { SAML_PROVIDER_ARN } from '../../../contract/origins.ts';
import { ROLE_ARN } from '../../../contract/roles.ts';
import { settingsOf } from '../../sign-ins/driver.ts';
import type { Found, Things } from '../../things.ts';
import { assertFederatedRole } from './federated-role.ts';
import type { HeldOrigin } from './held-origin.ts';
import type { KeptSamlOrigin } from './kept-origin.ts';

/** A role that an identity provider's assertion offers (AssumeRoleWithSAML). */
export function samlOrigin(kept: KeptSamlOrigin): HeldOrigin {
  const signInOf = (things: Things): Found<'signIn'> => ({
    id: kept.signIn,
    value: things.must('signIn', kept.signIn),
  });
  return {
    sessionKind: 'saml',
    takesRole: true,
    isRole: true,
    view: (things) => ({ ...kept, signIn: signInOf(things).value.name }),
    assert(things, profile) {
      settingsOf(signInOf(things), 'saml');
      const not = ['externalId', 'tags', 'transitiveTagKeys', 'sourceIdentity', 'sessionName'] as const;
      const role = assertFederatedRole(profile, 'the assertion', not);
      if (ROLE_ARN.exec(role.arn)?.[1] === SAML_PROVIDER_ARN.exec(kept.principalArn)?.[1]) return;
      throw new KeyholdError(
        'InvalidInput',
        'origin.principalArn: the role and its SAML provider are of the same account. Take both from keyhold saml roles.',
      );
    },
    refersTo: [kept.signIn],
    parts: (things) => [signInOf(things).value.saml?.who],
    // The next one who signs in may be somebody else.
    settings: (things) => [kept.signIn, kept.principalArn, signInOf(things).value.saml?.who],
    async obtain({ session, sts }, { value: profile }, { seconds }) {
      const { role, region, account } = profile;
      if (role === undefined || seconds === undefined) throw new TypeError('a SAML session is of a role, for a time');
      const { endpointUrl } = session.things.must('account', account);
      const { principalArn } = kept;
      return session.signIns.assertions.with(kept.signIn, { roleArn: role.arn, principalArn }, (assertion) =>
        sts.assumeRoleWithSaml({ region, endpointUrl }, { role, principalArn, assertion, seconds }),
      );
    },
  };
}
