import { z } from 'zod';
import { method } from './method.ts';
import { Origin } from './origins.ts';
import { ProfileSession } from './roles.ts';
import { AccessKeyId, Instant, Name, RecordId } from './schemas.ts';

const none = z.strictObject({});

/** The temporary credentials of one profile. */
export const AwsSession = z.object({
  /** The profile's. */
  id: RecordId,
  profile: Name,
  account: Name,
  ...ProfileSession.shape,
  /** Names, from the source to the profile that has the key; empty where the profile has it itself. */
  chain: z.array(Name),
  /** `none`: not asked for yet, or revoked here. `active`: in use until `expiresAt`. `expired`: the next request gets a new one. `refused`: there is none, and `failure` says why. */
  state: z.enum(['none', 'active', 'expired', 'refused']),
  refreshing: z.boolean(),
  roleArn: z.string().optional(),
  /** Where they come from that neither a key nor a source gives. */
  origin: Origin.optional(),
  accessKeyId: AccessKeyId.optional(),
  /** Of the role as it was assumed. */
  arn: z.string().optional(),
  obtainedAt: Instant.optional(),
  expiresAt: Instant.optional(),
  remainingSeconds: z.int().optional(),
  /** When it is refreshed, should the profile be in use then. */
  refreshAt: Instant.optional(),
  /** Why AWS was last asked in vain, since the session that there is. */
  failure: z
    .object({ at: Instant, code: z.string(), message: z.string(), /** Nobody asks again before. */ retryAt: Instant })
    .optional(),
});
export type AwsSession = z.infer<typeof AwsSession>;

export const sessionMethods = {
  'session.list': method(none, z.object({ sessions: z.array(AwsSession) }), 'Temporary credentials of profiles'),
  'session.refresh': method(
    z.strictObject({ profile: Name }),
    AwsSession,
    'Ask AWS for new temporary credentials of a profile, although there are good ones',
  ),
  'session.revoke': method(
    z.strictObject({ profile: Name }),
    z.object({ revoked: z.boolean() }),
    'Forget the temporary credentials of a profile here; AWS takes them until they expire',
  ),
} as const;
