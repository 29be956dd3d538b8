import { KeyholdError } from '../../../contract/errors.ts';
import type { Input, Result } from '../../../contract/methods.ts';
import { DEFAULT_REGION } from '../../api/default-region.ts';
import type { Draft } from '../../draft.ts';
import { hexId } from '../../draft.ts';
import { foldName } from '../../names.ts';
import type { Ports } from '../../ports.ts';
import type { Found, Thing, Things } from '../../things.ts';
import { settingsOf } from '../driver.ts';
import { type AccountsById, profilesOfRoles, remoteAccountsById } from './known-roles.ts';

type Choice = Input<'sso.addProfiles'>['choices'][number];

/** Drafts profiles of chosen roles and the accounts that are missing. Throws `AlreadyExists` for a profile's name that was chosen and is taken; names that are made step aside. */
export function addSsoProfiles(
  ports: Ports,
  draft: Draft,
  things: Things,
  { name, choices, region, nameTemplate }: Input<'sso.addProfiles'>,
): Result<'sso.addProfiles'> {
  const signIn = things.byName('signIn', name);
  settingsOf(signIn, 'sso');
  const accounts = remoteAccountsById(things);
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
    const account = accounts.get(accountId) ?? addAccount(choice, { ports, draft, accounts, free, added });
    const filled = nameTemplate
      .replaceAll('{accountId}', accountId)
      .replaceAll('{account}', choice.accountName ?? account.value.name)
      .replaceAll('{role}', roleName);
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

interface Making {
  ports: Ports;
  draft: Draft;
  accounts: AccountsById;
  free: FreeNames;
  added: Result<'sso.addProfiles'>;
}

function addAccount(
  { accountId, accountName }: Choice,
  { ports, draft, accounts, free, added }: Making,
): Found<'account'> {
  const value: Thing<'account'> = {
    name: free.take('account', accountName ?? accountId),
    accountId,
    kind: 'remote',
    createdAt: ports.clock.now(),
  };
  const found = { id: hexId(ports), value };
  draft.put('account', found.id, value);
  draft.record('account.add', value.name, { account: value.name });
  accounts.set(accountId, found);
  added.accounts.push(value.name);
  return found;
}

/** Names that neither the vault nor this change has. */
class FreeNames {
  readonly #things: Things;
  readonly #taken = new Set<string>();

  constructor(things: Things) {
    this.#things = things;
  }

  claim(kind: 'account' | 'profile', name: string): string {
    this.#things.assertFree(kind, name);
    if (this.#taken.has(`${kind} ${foldName(name)}`)) {
      throw new KeyholdError('InvalidInput', `choices: two of them are called ${name}. Give each a name of its own.`);
    }
    this.#taken.add(`${kind} ${foldName(name)}`);
    return name;
  }

  /** The wanted name as the vault takes it, or with a number. */
  take(kind: 'account' | 'profile', wanted: string): string {
    const clean = vaultName(wanted, 60);
    for (let number = 1; ; number++) {
      const name = number === 1 ? clean : `${clean}-${number}`;
      if (this.#taken.has(`${kind} ${foldName(name)}`)) continue;
      if (this.#things.findByName(kind, name) === undefined) return this.claim(kind, name);
    }
  }
}

/** Without what a name must not have, and short enough for a number behind it. */
function vaultName(text: string, longest: number): string {
  const clean = [...text.replaceAll(/[\p{C}/\\]+/gu, '-').trim()].slice(0, longest).join('').trim();
  return clean === '' ? 'unnamed' : clean;
}
