import type { Input, Result } from '../../../contract/methods.ts';
import { fillTemplate } from '../../../contract/profiles-of-roles.ts';
import { DEFAULT_REGION } from '../../api/default-region.ts';
import type { Draft } from '../../draft.ts';
import { hexId } from '../../draft.ts';
import type { Ports } from '../../ports.ts';
import type { Thing, Things } from '../../things.ts';
import { addAccount } from '../add-account.ts';
import { accountOfChoice, awsAccounts } from '../aws-accounts.ts';
import { settingsOf } from '../driver.ts';
import { FreeNames } from '../free-names.ts';
import { profilesOfRoles } from './known-roles.ts';

/** Drafts profiles of chosen roles and the accounts that are missing. Throws `AlreadyExists` for a profile's name that was chosen and is taken; names that are made step aside. */
export function addSsoProfiles(
  ports: Ports,
  draft: Draft,
  things: Things,
  { name, choices, region, nameTemplate }: Input<'sso.addProfiles'>,
): Result<'sso.addProfiles'> {
  const signIn = things.byName('signIn', name);
  settingsOf(signIn, 'sso');
  const accounts = awsAccounts(things);
  const known = profilesOfRoles(things, signIn.id);
  const free = new FreeNames(things);
  const added: Result<'sso.addProfiles'> = { accounts: [], profiles: [], present: [] };
  for (const choice of choices) {
    const { accountId, roleName } = choice;
    const there = known.get(`${accountId} ${roleName}`) ?? [];
    // Under a name of its own choice, a person may want a second one.
    if (there.length > 0 && choice.profile === undefined) {
      added.present.push(...there);
      continue;
    }
    const account =
      accountOfChoice(things, accounts, choice) ?? addAccount(choice, { ports, draft, accounts, free, added });
    const called = choice.accountName ?? account.value.name;
    const filled = fillTemplate(nameTemplate, { accountId, account: called, role: roleName });
    const profile: Thing<'profile'> = {
      name: choice.profile === undefined ? free.take('profile', filled) : free.claim('profile', choice.profile),
      account: account.id,
      origin: { kind: 'sso', signIn: signIn.id, roleName },
      region: choice.region ?? region ?? DEFAULT_REGION,
      createdAt: ports.clock.now(),
    };
    draft.put('profile', hexId(ports), profile);
    draft.record('profile.add', profile.name, { account: account.value.name, profile: profile.name });
    added.profiles.push(profile.name);
    known.set(`${accountId} ${roleName}`, [...there, profile.name]);
  }
  return added;
}
