import { z } from 'zod';
import { method } from './method.ts';
import { SsoOrigin } from './origins.ts';
import { AddedProfiles, ChosenPlace, choicesOf, NameTemplate } from './profiles-of-roles.ts';
import { AccountId, Name, Region } from './schemas.ts';

const RoleName = SsoOrigin.shape.roleName;

/** An account that the person who is signed in has roles in. */
export const SsoAccount = z.object({
  accountId: AccountId,
  /** As the Identity Center has it; not a name of this vault. */
  accountName: z.string(),
  email: z.string(),
  /** The account of this vault, where there is one. */
  account: Name.optional(),
  roles: z.array(
    z.object({
      roleName: RoleName,
      /** Names of profiles that work with this very role. */
      profiles: z.array(Name),
    }),
  ),
});
export type SsoAccount = z.infer<typeof SsoAccount>;

const SsoChoice = ChosenPlace.extend({
  accountId: AccountId,
  roleName: RoleName,
  region: Region.optional(),
  /** What an account that is not here yet is called; its id without. */
  accountName: z.string().max(256).optional(),
});

export const ssoMethods = {
  'sso.accounts': method(
    z.strictObject({ name: Name }),
    z.object({
      accounts: z.array(SsoAccount),
      /** Of roles, and of those that no profile works with yet. */
      roles: z.int(),
      missing: z.int(),
    }),
    'Accounts and roles of the person who is signed in',
  ),
  'sso.addProfiles': method(
    z.strictObject({
      name: Name,
      choices: choicesOf(SsoChoice),
      region: Region.optional(),
      nameTemplate: NameTemplate,
    }),
    AddedProfiles,
    'Add profiles of chosen roles, and the accounts that are missing',
  ),
} as const;
