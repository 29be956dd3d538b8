import { z } from 'zod';

/** Longest sessions that AWS gives, in seconds. */
export const MOST_SECONDS = {
  /** GetSessionToken with an IAM user's key. */
  'session-token': 129_600,
  /** AssumeRole; the role's own maximum may be less. */
  role: 43_200,
  /** AssumeRole with the credentials of a role. */
  'chained-role': 3_600,
  saml: 43_200,
  'web-identity': 43_200,
  'roles-anywhere': 43_200,
} as const;
/** What is asked for where a profile does not say: AWS's own defaults. */
export const DEFAULT_SECONDS = {
  'session-token': 43_200,
  role: 3_600,
  'chained-role': 3_600,
  saml: 3_600,
  'web-identity': 3_600,
  'roles-anywhere': 3_600,
} as const;
/** What a profile’s temporary credentials are. AWS, or a program, decides how long those live that have no length above. */
export const SESSION_KINDS = [
  'session-token',
  'role',
  'chained-role',
  'process',
  'sso',
  'saml',
  'web-identity',
  'roles-anywhere',
] as const;
export const SessionKind = z.enum(SESSION_KINDS);
export type SessionKind = z.infer<typeof SessionKind>;
/** Those whose length is asked for. */
export type TimedKind = keyof typeof MOST_SECONDS;

export function isTimed(kind: SessionKind): kind is TimedKind {
  return Object.hasOwn(MOST_SECONDS, kind);
}

const SESSION_NAME = 'a session name has letters, digits, +=,.@_- and the placeholders {profile}, {client} and {time}';

/** The account's id is the first group. */
export const ROLE_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):role\/(?:[!-.0-~]+\/)*[\w+=,.@-]{1,64}$/;

/** What AssumeRole is told; names and limits are AWS's (STS API reference, AssumeRole). */
export const Role = z.strictObject({
  arn: z.string().max(2048).regex(ROLE_ARN, 'a role’s ARN looks like arn:aws:iam::123456789012:role/deploy'),
  externalId: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, 'an external id is 2 to 1,224 letters, digits and +=,.@:/_-')
    .optional(),
  /** What is illegal in a session name once it is filled in becomes a dash; 64 characters at most are used. */
  sessionName: z
    .string()
    .min(2, SESSION_NAME)
    .max(128, SESSION_NAME)
    .regex(/^(?:[\w+=,.@-]|\{(?:profile|client|time)\})+$/, SESSION_NAME)
    .optional(),
  durationSeconds: z
    .int()
    .min(900, 'a role’s session lasts at least 900 seconds')
    .max(MOST_SECONDS.role, 'a role’s session lasts at most 43,200 seconds (12 hours)')
    .optional(),
  /** A session policy: what the role may do is cut down to it. */
  policy: z
    .string()
    .min(2, 'a session policy is a JSON document')
    .max(2048, 'a session policy has at most 2,048 characters')
    .optional(),
  policyArns: z
    .array(z.string().regex(/^arn:aws[a-z-]*:iam::(?:\d{12}|aws):policy\/[!-~]+$/, 'the ARN of a managed policy'))
    .max(10, 'a session takes at most 10 managed policies')
    .optional(),
  tags: z.record(z.string().min(1).max(128), z.string().max(256)).optional(),
  /** Names of tags that go along when this session assumes another role. */
  transitiveTagKeys: z.array(z.string().min(1).max(128)).max(50).optional(),
  sourceIdentity: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/, 'a source identity is 2 to 64 letters, digits and +=,.@_-')
    .optional(),
});
export type Role = z.infer<typeof Role>;

export const SessionSeconds = z
  .int()
  .min(900, 'a session lasts at least 900 seconds')
  .max(MOST_SECONDS['session-token'], 'a session lasts at most 129,600 seconds (36 hours)');

/** The temporary credentials that a profile works with, and how long AWS lets them live at most. */
export const ProfileSession = z.object({
  kind: SessionKind,
  /** Absent where it is not asked for. */
  seconds: z.int().optional(),
  /** For a role, its own maximum may be less: AWS says so when it is asked. */
  mostSeconds: z.int().optional(),
});
export type ProfileSession = z.infer<typeof ProfileSession>;
