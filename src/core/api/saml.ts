import { KeyholdError } from '../../contract/errors.ts';
import { ROLE_ARN } from '../../contract/roles.ts';
import type { Renewed, SamlRoles } from '../../contract/saml.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import { awsAccounts } from '../sign-ins/aws-accounts.ts';
import { settingsOf } from '../sign-ins/driver.ts';
import { addSamlProfiles } from '../sign-ins/saml/add-profiles.ts';
import { profilesOfSamlRoles, samlRoleKey } from '../sign-ins/saml/known-roles.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import type { Handlers } from './handler.ts';

export const samlHandlers: Handlers<'saml.deliver' | 'saml.roles' | 'saml.addProfiles'> = {
  'saml.deliver': async ({ core, actor }, { id, samlResponse }) => {
    const session = core.session();
    await session.need('signIn', 'profile', 'account', 'accessKey', 'awsSession');
    const signIn = await session.signIns.deliver(id, Buffer.from(samlResponse, 'latin1'), actor);
    return { ...viewRoles(session.things, signIn), ...(await renew(session, offeredProfiles(session.things, signIn))) };
  },

  'saml.roles': async ({ core }, { name }) => {
    const things = await core.session().need('signIn', 'profile', 'account');
    return viewRoles(things, things.byName('signIn', name));
  },

  'saml.addProfiles': async ({ core, actor }, input) => {
    const session = core.session();
    const { things } = session;
    const { ids, ...added } = await session.write(actor, (draft) => {
      const made = addSamlProfiles(core.ports, draft, things, input);
      return () => made;
    });
    const fresh = session.signIns.assertions.holds(things.byName('signIn', input.name).id);
    const profiles = ids.map((id) => ({ id, value: things.must('profile', id) }));
    return { ...added, ...(fresh ? await renew(session, profiles) : { renewed: [], refused: [] }) };
  },
};

/** A response is good for five minutes, and a person may have ten profiles: all of them get their sessions now, for as long as sessions last. */
async function renew(session: Session, profiles: readonly Found<'profile'>[]): Promise<Renewed> {
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

function offeredProfiles(things: Things, { id, value }: Found<'signIn'>): Found<'profile'>[] {
  const offered = new Set(value.saml?.roles.map(samlRoleKey));
  return things.all('profile').filter(({ value: { origin, role } }) => {
    if (origin?.kind !== 'saml' || origin.signIn !== id || role === undefined) return false;
    return offered.has(samlRoleKey({ roleArn: role.arn, principalArn: origin.principalArn }));
  });
}

function viewRoles(things: Things, signIn: Found<'signIn'>): SamlRoles {
  const { accounts } = settingsOf(signIn, 'saml');
  const { name, saml, signedInAt } = signIn.value;
  const known = awsAccounts(things);
  const profiles = profilesOfSamlRoles(things, signIn.id);
  const roles = (saml?.roles ?? []).flatMap((role) => {
    const accountId = ROLE_ARN.exec(role.roleArn)?.[1] ?? '';
    if (accounts !== undefined && !accounts.includes(accountId)) return [];
    const more = omitUndefined({
      account: known.get(accountId)?.value.name,
      profile: profiles.get(samlRoleKey(role))?.[0],
    });
    return [{ ...role, accountId, roleName: role.roleArn.replace(/^.*\//, ''), ...more }];
  });
  return {
    name,
    roles,
    ...(saml === undefined || signedInAt === undefined
      ? {}
      : { who: saml.who, signedInAt: instant(signedInAt), usableUntil: instant(saml.usableUntil) }),
  };
}
