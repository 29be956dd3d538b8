import { z } from 'zod';
import { Account, Name, Sealed, Secret } from './schemas.ts';

const FilePath = z.string().min(1, 'give the path').max(4096);
/** How much of an account is in its file. */
const Contents = {
  profiles: z.int(),
  clients: z.int(),
  kmsKeys: z.int(),
  /** The token or proxy behind a key store and its credential are not part of it. */
  keyStores: z.int(),
};

/** Methods that move a local account from vault to vault. */
export const accountFileMethods = {
  'account.export': {
    input: z.strictObject({
      name: Name,
      path: FilePath,
      overwrite: z.boolean().optional(),
      passphrase: Sealed,
      authorize: Secret,
    }),
    output: z.object({ path: z.string(), sizeBytes: z.int(), ...Contents }),
    summary: 'Write a local account with all its keys to one file, encrypted under a passphrase; the account stays',
  },
  'account.import': {
    input: z.strictObject({
      path: FilePath,
      /** Another name than the one in the file. */
      name: Name.optional(),
      passphrase: Sealed,
    }),
    output: z.object({ account: Account, ...Contents }),
    summary: 'Take in an account from such a file: all of it, in one transaction, or nothing',
  },
} as const;
