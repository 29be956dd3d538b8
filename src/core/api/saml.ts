import { KeyholdError } from '../../contract/errors.ts';
import { ROLE_ARN } from '../../contract/roles.ts';
import type { SamlRoles } from '../../contract/saml.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import { settingsOf } from '../sign-ins/driver.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import type { Handlers } from './handler.ts';

export const samlHandlers: Handlers<'saml.deliver' | 'saml.roles'> = {
  'saml.deliver': async ({ core }, { id, samlResponse }) => {
    const session = core.session();
    const things = await session.need('signIn', 'profile', 'account', 'accessKey', 'awsSession');
    const signIn = await session.signIns.deliver(id, Buffer.from(samlResponse, 'latin1'));
    return { ...viewRoles(things, signIn), ...(await renewSessions(session, signIn)) };
  },

  'saml.roles': async ({ core }, { name }) => {
    const things = await core.session().need('signIn', 'profile', 'account');
    return viewRoles(things, things.byName('signIn', name));
  },
};

/** A response is good for five minutes, and a person may have ten profiles: all of them get their sessions now, for as long as sessions last. */
async function renewSessions(
  session: Session,
  { id, value }: Found<'signIn'>,
): Promise<{ renewed: string[]; refused: { profile: string; message: string }[] }> {
  const offered = new Set(value.saml?.roles.map(({ roleArn, principalArn }) => `${roleArn} ${principalArn}`));
  const profiles = session.things.all('profile').filter(({ value: { origin, role } }) => {
    if (origin?.kind !== 'saml' || origin.signIn !== id) return false;
    return offered.has(`${role?.arn} ${origin.principalArn}`);
  });
  const outcomes = await Promise.all(
    profiles.map(async (profile) => {
      try {
        await session.broker.refresh(profile);
        return undefined;
      } catch (error) {
        if (!(error instanceof KeyholdError)) throw error;
        return { profile: profile.value.name, message: error.message };
      }
    }),
  );
  const refused = outcomes.filter((one) => one !== undefined);
  const failed = new Set(refused.map(({ profile }) => profile));
  return { renewed: profiles.map((one) => one.value.name).filter((name) => !failed.has(name)), refused };
}

function viewRoles(things: Things, signIn: Found<'signIn'>): SamlRoles {
  const { accounts } = settingsOf(signIn, 'saml');
  const { name, saml, signedInAt } = signIn.value;
  const profiles = things.all('profile');
  const remote = things.all('account').filter(({ value }) => value.kind === 'remote');
  const roles = (saml?.roles ?? []).flatMap((role) => {
    const accountId = ROLE_ARN.exec(role.roleArn)?.[1] ?? '';
    if (accounts !== undefined && !accounts.includes(accountId)) return [];
    const profile = profiles.find(
      ({ value: { origin, role: own } }) =>
        origin?.kind === 'saml' &&
        origin.signIn === signIn.id &&
        origin.principalArn === role.principalArn &&
        own?.arn === role.roleArn,
    );
    const account = remote.find(({ value }) => value.accountId === accountId);
    const roleName = role.roleArn.replace(/^.*\//, '');
    const more = omitUndefined({ account: account?.value.name, profile: profile?.value.name });
    return [{ ...role, accountId, roleName, ...more }];
  });
  return {
    name,
    roles,
    ...(saml === undefined || signedInAt === undefined
      ? {}
      : { who: saml.who, signedInAt: instant(signedInAt), usableUntil: instant(saml.usableUntil) }),
  };
}
