import { z } from 'zod';
import { method } from './method.ts';
import {
  AccessKeyId,
  Instant,
  MaxAgeDays,
  Name,
  Note,
  RecordId,
  Region,
  ReplyKey,
  Sealed,
  SealedReply,
  Secret,
} from './schemas.ts';

/** The services that IAM makes passwords or API keys for, by the names that IAM has for them. */
export const CREDENTIAL_SERVICES = [
  'codecommit.amazonaws.com',
  'cassandra.amazonaws.com',
  'bedrock.amazonaws.com',
] as const;
export const CredentialService = z.enum(CREDENTIAL_SERVICES);
export type CredentialService = z.infer<typeof CredentialService>;

/** What an IAM user has besides access keys, without what is secret about it. */
export const Credential = z.object({
  id: RecordId,
  name: Name,
  /** `smtp`: Amazon SES’s SMTP password, which follows from an access key. `service`: a password or API key of one service. `sshKey`: for CodeCommit. */
  type: z.enum(['smtp', 'service', 'sshKey']),
  /** The access key of the same user: what an SMTP password follows from, and what IAM is asked with about the others. */
  key: Name,
  account: Name,
  service: CredentialService.optional(),
  /** SMTP passwords only. */
  region: Region.optional(),
  /** `unfinished`: AWS may have made it, and what is secret about it is not here. Add it once more with the same name. */
  state: z.enum(['ready', 'unfinished']),
  /** By which IAM knows it. */
  credentialId: AccessKeyId.optional(),
  /** What a tool gives as its user. */
  userName: z.string().optional(),
  /** `ssh-rsa AAAA…` */
  publicKey: z.string().optional(),
  /** `SHA256:…`, as ssh shows it. */
  fingerprint: z.string().optional(),
  note: Note,
  createdAt: Instant,
  /** When AWS made it. */
  issuedAt: Instant.optional(),
  expiresAt: Instant.optional(),
  maxAgeDays: MaxAgeDays.optional(),
  /** When it is due for rotation. */
  dueAt: Instant.optional(),
  /** One that it replaces and that still works, or can be made to: what tools have until they are given the new one. */
  dying: z.object({ userName: z.string().optional(), credentialId: AccessKeyId, until: Instant.optional() }).optional(),
});
export type Credential = z.infer<typeof Credential>;

const ByName = z.strictObject({ name: Name });
const New = { name: Name, key: Name, note: Note.optional() };

export const credentialMethods = {
  'credential.list': method(
    z.strictObject({}),
    z.object({ credentials: z.array(Credential) }),
    'What IAM users have besides access keys',
  ),
  'credential.get': method(ByName, Credential, 'One credential'),
  'credential.add': method(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('smtp'), ...New, region: Region }),
      z.strictObject({
        type: z.literal('service'),
        ...New,
        service: CredentialService,
        /** One that there is already; AWS is not asked then. The password is sealed for `service-password`. */
        existing: z
          .strictObject({ credentialId: AccessKeyId, userName: z.string().min(1).max(256), password: Sealed })
          .optional(),
        /** After an answer of AWS’s was lost: what has appeared at IAM meanwhile is this one, and gets a new password. */
        reset: AccessKeyId.optional(),
      }),
      z.strictObject({ type: z.literal('sshKey'), ...New }),
    ]),
    Credential,
    'Have AWS make a credential for the user of an access key, or take one in, and keep its secret in the vault',
  ),
  'credential.update': method(
    z.strictObject({ name: Name, rename: Name.optional(), note: Note.optional() }),
    Credential,
    'Rename a credential or change its note',
  ),
  'credential.remove': method(
    z.strictObject({
      name: Name,
      /** Delete it in IAM first. Otherwise it goes on working there. */
      atAws: z.boolean(),
    }),
    z.strictObject({}),
    'Remove a credential and its secret',
  ),
  'credential.reveal': method(
    z.strictObject({ name: Name, authorize: Secret, replyKey: ReplyKey }),
    z.object({ credential: Credential, secret: SealedReply }),
    'The password or private key, sealed to the caller, who proves a way into the vault again; the audit log says that it left',
  ),
} as const;
