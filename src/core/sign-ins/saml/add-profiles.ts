import { KeyholdError } from '../../../contract/errors.ts';
import type { Input } from '../../../contract/methods.ts';
import { fillTemplate } from '../../../contract/profiles-of-roles.ts';
import { ROLE_ARN } from '../../../contract/roles.ts';
import { DEFAULT_REGION } from '../../api/default-region.ts';
import { type Draft, hexId } from '../../draft.ts';
import { omitUndefined } from '../../omit-undefined.ts';
import type { Ports } from '../../ports.ts';
import { assertProfile } from '../../sessions/assert-profile.ts';
import type { Thing, Things } from '../../things.ts';
import { addAccount } from '../add-account.ts';
import { accountOfChoice, awsAccounts } from '../aws-accounts.ts';
import { settingsOf } from '../driver.ts';
import { FreeNames } from '../free-names.ts';
import { profilesOfSamlRoles, samlRoleKey } from './known-roles.ts';

interface Added {
  accounts: string[];
  profiles: string[];
  present: string[];
  /** Records of the profiles that were added. */
  ids: string[];
}

/** Drafts profiles of roles that the last sign-in offered, and the accounts that are missing. Throws `InvalidInput` for a role that it did not offer. */
export function addSamlProfiles(
  ports: Ports,
  draft: Draft,
  things: Things,
  { name, choices, region, durationSeconds, nameTemplate }: Input<'saml.addProfiles'>,
): Added {
  const signIn = things.byName('signIn', name);
  const { accounts: only } = settingsOf(signIn, 'saml');
  const accounts = awsAccounts(things);
  const offered = new Set(signIn.value.saml?.roles.map(samlRoleKey));
  const known = profilesOfSamlRoles(things, signIn.id);
  const free = new FreeNames(things);
  const added: Added = { accounts: [], profiles: [], present: [], ids: [] };
  for (const { roleArn, principalArn, profile: wanted, account: named } of choices) {
    const key = samlRoleKey({ roleArn, principalArn });
    if (!offered.has(key)) {
      throw new KeyholdError(
        'InvalidInput',
        `choices: the last sign-in to ${signIn.value.name} did not offer ${roleArn} through ${principalArn}. See keyhold saml roles.`,
      );
    }
    const there = known.get(key) ?? [];
    // Under a name of its own choice, a person may want a second one.
    if (there.length > 0 && wanted === undefined) {
      added.present.push(...there);
      continue;
    }
    const accountId = ROLE_ARN.exec(roleArn)?.[1] ?? '';
    if (only !== undefined && !only.includes(accountId)) {
      throw new KeyholdError(
        'InvalidInput',
        `choices: the sign-in ${signIn.value.name} is for the accounts ${only.join(', ')}, and ${roleArn} is in another one.`,
      );
    }
    const account = accountOfChoice(things, accounts, { accountId, account: named });
    const owner = account ?? addAccount({ accountId }, { ports, draft, accounts, free, added });
    const role = roleArn.replace(/^.*\//, '');
    const filled = fillTemplate(nameTemplate, { accountId, account: owner.value.name, role });
    const profile: Thing<'profile'> = {
      name: wanted === undefined ? free.take('profile', filled) : free.claim('profile', wanted),
      account: owner.id,
      origin: { kind: 'saml', signIn: signIn.id, principalArn },
      role: omitUndefined({ arn: roleArn, durationSeconds }),
      region: region ?? DEFAULT_REGION,
      createdAt: ports.clock.now(),
    };
    const id = hexId(ports);
    // One that is new is of this very role, in an account that the vault does not have yet.
    if (account !== undefined) assertProfile(things, { id, value: profile });
    draft.put('profile', id, profile);
    draft.record('profile.add', profile.name, { account: owner.value.name, profile: profile.name });
    added.profiles.push(profile.name);
    added.ids.push(id);
    known.set(key, [...there, profile.name]);
  }
  return added;
}
