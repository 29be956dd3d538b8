import { z } from 'zod';
import { method } from './method.ts';
import { Name } from './schemas.ts';

/** What becomes of an account's keys in PKCS#11 tokens, which no account file holds. */
const TokenKeyFate = z.enum(['destroy', 'keep']);

export const accountRemovalMethods = {
  'account.remove': method(
    z.strictObject({ name: Name, cascade: z.boolean().optional(), tokenKeys: TokenKeyFate.optional() }),
    z.object({
      /** How many it had. */
      tokenKeys: z.int(),
    }),
    'Remove an account; with cascade also its keys, profiles, clients and what a local account holds; where it has keys in tokens, tokenKeys has to say what becomes of them',
  ),
  'account.reset': method(
    z.strictObject({ name: Name }),
    z.object({ removed: z.int() }),
    'Empty a local account: all that its services hold is destroyed, in tokens too; its profiles and clients stay',
  ),
} as const;
