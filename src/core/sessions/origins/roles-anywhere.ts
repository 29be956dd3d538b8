import { KeyholdError } from '../../../contract/errors.ts';
import { ANYWHERE_PROFILE_ARN, TRUST_ANCHOR_ARN } from '../../../contract/origins.ts';
import { identityOf } from '../../certificates/identity.ts';
import type { Thing, Things } from '../../things.ts';
import type { HeldOrigin } from './held-origin.ts';
import type { KeptRolesAnywhere } from './kept-origin.ts';

/** What AssumeRole takes, and CreateSession does not: the certificate and the profile of Roles Anywhere say it. */
const NOT_HERE = ['externalId', 'policy', 'policyArns', 'tags', 'transitiveTagKeys', 'sourceIdentity'] as const;

/** IAM Roles Anywhere: the profile's role for a certificate whose key is in the HSM. */
export function rolesAnywhereOrigin(kept: KeptRolesAnywhere): HeldOrigin {
  const held = (things: Things): Thing<'certificate'> => things.must('certificate', kept.certificate);
  return {
    sessionKind: 'roles-anywhere',
    takesRole: true,
    isRole: true,
    view: (things) => ({ ...kept, certificate: held(things).name }),
    assert: (things, profile) => {
      const { accountId } = things.must('account', profile.account);
      assertArns(kept, accountId);
      const option = NOT_HERE.find((one) => profile.role?.[one] !== undefined);
      if (option === undefined) return;
      throw new KeyholdError(
        'InvalidInput',
        `role.${option}: IAM Roles Anywhere takes none with a request; its own profile and the certificate’s subject say that.`,
      );
    },
    refersTo: [kept.certificate],
    parts: (things) => [held(things)],
    // The key, not the certificate: one that is renewed changes nothing of who it is.
    settings: (things) => [kept.trustAnchorArn, kept.profileArn, held(things).pair.publicKey],
    async obtain({ ports, session, rolesAnywhere }, { value: profile }, { seconds, sessionName }) {
      const things = await session.need('certificate', 'account');
      const { name, pair } = held(things);
      const { role } = profile;
      if (role === undefined || seconds === undefined) throw new TypeError('a role of Roles Anywhere with its length');
      return rolesAnywhere.createSession({
        ...identityOf(session, name, pair, ports.clock.now()),
        endpointUrl: things.must('account', profile.account).endpointUrl,
        trustAnchorArn: kept.trustAnchorArn,
        profileArn: kept.profileArn,
        roleArn: role.arn,
        durationSeconds: seconds,
        // AWS refuses every name unless its profile accepts one, so there is none where nobody asked for it.
        ...(role.sessionName === undefined ? {} : { roleSessionName: sessionName }),
      });
    },
  };
}

function assertArns({ trustAnchorArn, profileArn }: KeptRolesAnywhere, accountId: string): void {
  const anchor = TRUST_ANCHOR_ARN.exec(trustAnchorArn);
  const profile = ANYWHERE_PROFILE_ARN.exec(profileArn);
  if (anchor?.[1] !== profile?.[1] || anchor?.[2] !== profile?.[2]) {
    throw new KeyholdError(
      'InvalidInput',
      'origin.profileArn: the trust anchor and the profile of Roles Anywhere have to be in the same account and region.',
    );
  }
  if (anchor?.[2] !== accountId) {
    throw new KeyholdError(
      'InvalidInput',
      `origin.trustAnchorArn: it belongs to the account ${anchor?.[2]}, and the role to ${accountId}; IAM Roles Anywhere gives roles of its own account only.`,
    );
  }
}
