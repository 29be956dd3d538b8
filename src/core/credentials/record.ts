import { z } from 'zod';
import { CredentialService } from '../../contract/credentials.ts';
import { AccessKeyId, MaxAgeDays, Name, Note, RecordId, Region } from '../../contract/schemas.ts';

/** ms since the Unix epoch */
const Time = z.int().min(0);
const ObjectHandle = z.object({ id: RecordId });

const Common = {
  name: Name,
  /** The access key's record. */
  key: RecordId,
  note: Note,
  createdAt: Time,
};

/** Of what IAM knows by an id. */
const AtIam = {
  /** Missing while it is being made. */
  credentialId: AccessKeyId.optional(),
  issuedAt: Time.optional(),
  maxAgeDays: MaxAgeDays.optional(),
};

/** What an IAM user has besides access keys (docs/adr/0042). An SMTP password is derived whenever it is shown, so its record has no secret. */
export const CREDENTIAL_RECORD = z.discriminatedUnion('type', [
  z.object({ type: z.literal('smtp'), ...Common, region: Region }),
  z.object({
    type: z.literal('service'),
    ...Common,
    ...AtIam,
    service: CredentialService,
    secret: ObjectHandle.optional(),
    userName: z.string().optional(),
    expiresAt: Time.optional(),
    /** AWS has been asked for it: the ids that were there before. */
    making: z.object({ since: Time, before: z.array(AccessKeyId) }).optional(),
  }),
  z.object({ type: z.literal('sshKey'), ...Common, ...AtIam, secret: ObjectHandle, publicKey: z.string() }),
]);
export type CredentialRecord = z.output<typeof CREDENTIAL_RECORD>;
/** Those that IAM knows, and that are rotated themselves. */
export type IamCredential = Exclude<CredentialRecord, { type: 'smtp' }>;

/** Not so while AWS has been asked for it. */
export function isComplete({ credentialId, secret }: IamCredential): boolean {
  return credentialId !== undefined && secret !== undefined;
}
