import { z } from 'zod';
import { Name } from './schemas.ts';

const TEMPLATE = 'a template has {account} or {accountId}, and {role}';

/** What the profile of a role is called: `{account}`, `{accountId}` and `{role}` are filled in (`fillTemplate`). */
export const NameTemplate = z
  .string()
  .min(1, TEMPLATE)
  .max(128, TEMPLATE)
  .regex(/\{account(?:Id)?\}/, TEMPLATE)
  .regex(/\{role\}/, TEMPLATE)
  .default('{account}-{role}');

/** Where the profile of a role that was chosen goes. */
export const ChosenPlace = z.strictObject({
  /** Instead of what the template makes. */
  profile: Name.optional(),
  /** The account of this vault that it is in. Without it, AWS's own of that id, which is added where it is missing; one with an endpoint of its own has to be named. */
  account: Name.optional(),
});

/** A list of roles to make profiles of. */
export function choicesOf<T extends z.ZodType>(choice: T) {
  return z.array(choice).min(1, 'choose a role').max(2000, 'choose at most 2,000 roles at once');
}

export const AddedProfiles = z.object({
  /** Names of what was added. */
  accounts: z.array(Name),
  profiles: z.array(Name),
  /** Names of profiles that work with what was chosen already. */
  present: z.array(Name),
});

/** Fills each place in once, so that a name with braces or a dollar sign in it stays what it is. */
export function fillTemplate(
  template: string,
  names: Readonly<Record<'account' | 'accountId' | 'role', string>>,
): string {
  return template
    .split(/(\{(?:account|accountId|role)\})/)
    .map((part) => {
      switch (part) {
        case '{account}':
          return names.account;
        case '{accountId}':
          return names.accountId;
        case '{role}':
          return names.role;
        default:
          return part;
      }
    })
    .join('');
}
