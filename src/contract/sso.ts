import { z } from 'zod';
import { method } from './method.ts';
import { SsoOrigin } from './origins.ts';
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

export const SsoChoice = z.strictObject({
  accountId: AccountId,
  roleName: RoleName,
  /** Instead of what the template makes. */
  profile: Name.optional(),
  /** The account of this vault that it is in. Without it, AWS's own of that id, which is added where it is missing; one with an endpoint of its own has to be named. */
  account: Name.optional(),
  region: Region.optional(),
});
export type SsoChoice = z.infer<typeof SsoChoice>;

const TEMPLATE = 'a template has {account} or {accountId}, and {role}';

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
      choices: z
        .array(
          SsoChoice.extend({
            /** What an account that is not here yet is called; its id without. */
            accountName: z.string().max(256).optional(),
          }),
        )
        .min(1, 'choose a role')
        .max(2000, 'choose at most 2,000 roles at once'),
      region: Region.optional(),
      /** What a profile is called: `{account}`, `{accountId}` and `{role}` are filled in. */
      nameTemplate: z
        .string()
        .min(1, TEMPLATE)
        .max(128, TEMPLATE)
        .regex(/\{account(?:Id)?\}/, TEMPLATE)
        .regex(/\{role\}/, TEMPLATE)
        .default('{account}-{role}'),
    }),
    z.object({
      /** Names of what was added. */
      accounts: z.array(Name),
      profiles: z.array(Name),
      /** Names of profiles that work with what was chosen already. */
      present: z.array(Name),
    }),
    'Add profiles of chosen roles, and the accounts that are missing',
  ),
} as const;
