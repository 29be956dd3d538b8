import { addSsoProfiles } from '../sign-ins/sso/add-profiles.ts';
import { listSsoAccounts } from '../sign-ins/sso/list-accounts.ts';
import type { Handlers } from './handler.ts';

export const ssoHandlers: Handlers<'sso.accounts' | 'sso.addProfiles'> = {
  'sso.accounts': async ({ core }, { name }) => {
    const session = core.session();
    const signIn = (await session.need('signIn')).byName('signIn', name);
    const accounts = await listSsoAccounts(session, core.ports.clock, signIn);
    const roles = accounts.flatMap((account) => account.roles);
    return { accounts, roles: roles.length, missing: roles.filter(({ profiles }) => profiles.length === 0).length };
  },

  'sso.addProfiles': ({ core, actor }, input) => {
    const session = core.session();
    return session.write(
      actor,
      (draft) => {
        const added = addSsoProfiles(core.ports, draft, session.things, input);
        return () => added;
      },
      ['signIn', 'account', 'profile'],
    );
  },
};
