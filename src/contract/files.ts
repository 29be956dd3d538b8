import { z } from 'zod';
import { Name, Region } from './schemas.ts';

/** Wrapped data keys that a message may carry; each costs a call of the KMS. */
export const MOST_DATA_KEYS = 25;

/** Bytes of a file that travel at once: enough that a browser’s way from process to process counts for little. */
export const FILE_PART_BYTES = 4 * 1024 * 1024;

/** Context keys that begin so belong to the Encryption SDK (its message format, "Encryption Context"). */
export const RESERVED_CONTEXT = 'aws-crypto-';

/** Zod, as other programs that may read the message, leaves a pair of this name out without a word: what was to be bound would not be. */
export const UNBOUND_CONTEXT = '__proto__';

const Context = z
  .custom<Record<string, string>>(
    (context) => typeof context !== 'object' || context === null || !Object.hasOwn(context, UNBOUND_CONTEXT),
    { message: `a context key cannot be called ${UNBOUND_CONTEXT}; choose another` },
  )
  .pipe(z.record(z.string().min(1).max(1024), z.string().max(4096)))
  .refine((context) => Object.keys(context).every((key) => !key.startsWith(RESERVED_CONTEXT)), {
    message: `context keys that begin with ${RESERVED_CONTEXT} are reserved; choose another`,
  });
const FileJobId = z.string().regex(/^[0-9a-f]{32}$/);

/** One file that is to become an AWS Encryption SDK message, or to be made from one, with the KMS of a local account as its root. */
export const FileJob = z.discriminatedUnion('direction', [
  z.strictObject({
    direction: z.literal('encrypt'),
    account: Name,
    region: Region,
    /** By id, alias or ARN: any one of them opens the message. */
    keys: z.array(z.string().min(1).max(2048)).min(1, 'choose a key').max(MOST_DATA_KEYS),
    context: Context,
  }),
  z.strictObject({
    direction: z.literal('decrypt'),
    account: Name,
    region: Region,
    /** Pairs that the message's context must carry. */
    context: Context,
  }),
]);
export type FileJob = z.output<typeof FileJob>;

/** A file's bytes on their way in, with its job, their place and whether they are the last; the answer is what came out of them so far. */
export const FilePart = z.strictObject({ id: FileJobId, index: z.int().min(0), last: z.boolean() });
export type FilePart = z.output<typeof FilePart>;

export const FileJobBegun = z.object({
  id: FileJobId,
  /** ARNs of the keys that open the message; none when decrypting. */
  keys: z.array(z.string()),
});

export const FileJobNamed = z.strictObject({ id: FileJobId });
