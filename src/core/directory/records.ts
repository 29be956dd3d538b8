import { z } from 'zod';
import { RecordId } from '../../contract/schemas.ts';

/** ms since the Unix epoch */
const Time = z.int().min(0);
const Tags = z.array(z.object({ key: z.string(), value: z.string() }));
/** `/`, or `/division/team/`. */
const Path = z.string().regex(/^\/([!-~]+\/)?$/);

/** What an account's IAM keeps: who is in it, and their MFA devices. Neither belongs to a Region. */
export const IAM_RECORDS = {
  iamUser: z.object({
    /** The account's record. */
    account: RecordId,
    name: z.string(),
    path: Path,
    tags: Tags,
    createdAt: Time,
  }),
  /** A virtual MFA device: an authenticator that holds the same seed. */
  iamMfaDevice: z.object({
    account: RecordId,
    name: z.string(),
    path: Path,
    tags: Tags,
    createdAt: Time,
    /** The HSM object that verifies its codes. */
    seed: z.object({ id: RecordId }),
    /** Whose it is, once it is enabled. */
    user: z.object({ id: RecordId, enabledAt: Time }).optional(),
  }),
} as const;

export type IamUser = z.output<typeof IAM_RECORDS.iamUser>;
export type IamMfaDevice = z.output<typeof IAM_RECORDS.iamMfaDevice>;
export type FoundUser = { id: string; value: IamUser };
export type FoundMfaDevice = { id: string; value: IamMfaDevice };
export type IamTag = IamUser['tags'][number];
