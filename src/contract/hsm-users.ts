import { z } from 'zod';
import { Base64, Gate, Instant, Name, ReplyKey, Sealed, SealedReply, Secret, WantedGate } from './schemas.ts';

/** `crypto-officer` manages users and approves; `crypto-user` uses keys. CloudHSM’s words. */
export const HsmRole = z.enum(['crypto-officer', 'crypto-user']);
export type HsmRole = z.infer<typeof HsmRole>;

/** What a quorum guards, with CloudHSM’s two services: `key` is destroying and exporting key material, `user` is managing users and the quorum. */
export const QuorumService = z.enum(['key', 'user']);
export type QuorumService = z.infer<typeof QuorumService>;

export const HsmUserInfo = z.object({
  name: z.string(),
  role: HsmRole,
  createdAt: Instant,
  /** What an officer signs quorum tokens with: a key of their own, or one kept in the HSM under their password. Null for crypto users. */
  signing: z.object({ key: z.enum(['own', 'held']), fingerprint: z.string() }).nullable(),
  /** Logins that have not ended. */
  sessions: z.int(),
});
export type HsmUserInfo = z.infer<typeof HsmUserInfo>;

export const QuorumTokenInfo = z.object({
  id: z.string(),
  service: QuorumService,
  /** What it is for: `destroy`, `export`, `add-user`, `remove-user`, `set-quorum`, `set-key-use`, `set-approval-touch` or `make-recovery-code`. */
  action: z.string(),
  /** The same in words. */
  description: z.string(),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  required: z.int(),
  approvals: z.array(z.object({ user: z.string(), at: Instant })),
  /** What officers sign: UTF-8 text, in base64. */
  unsigned: Base64,
});
export type QuorumTokenInfo = z.infer<typeof QuorumTokenInfo>;

export const HsmUsers = z.object({
  /** Empty: there are none, and the vault’s owner does everything. */
  users: z.array(HsmUserInfo),
  /** How many officers have to approve; 0: none. */
  quorum: z.object({ key: z.int(), user: z.int() }),
  /** What each approval wants touched; null: nothing. Where a decision takes the higher quorum of both, it takes a touch that passes both. */
  touch: z.object({ key: Gate.nullable(), user: Gate.nullable() }),
  /** KMS keys may be used only while a crypto user is logged in. */
  keyUseNeedsLogin: z.boolean(),
  tokens: z.array(QuorumTokenInfo),
  /** Objects whose destruction has been approved and waits for its time. */
  released: z.int(),
  /** How many recovery codes the vault has: each removes all users and their quorum. */
  recoveryCodes: z.int(),
  /** The user of the session that was given. */
  who: z.object({ name: z.string(), role: HsmRole }).nullable(),
});
export type HsmUsers = z.infer<typeof HsmUsers>;

const done = z.strictObject({});
const PublicKeyPem = z.string().min(1).max(4096);
const TokenId = z.string().regex(/^[0-9a-f]{8,32}$/, 'a quorum token’s id, or at least its first 8 digits');
const required = z.int().min(0).max(64);

/** KMS keys by ARN, or all that a local account has. */
const keyAct = (what: 'destroy' | 'export') =>
  z.strictObject({
    do: z.literal(what),
    keys: z.array(z.string().max(256)).min(1).max(1000).optional(),
    account: Name.optional(),
  });
export const QuorumAct = z.discriminatedUnion('do', [
  keyAct('destroy'),
  keyAct('export'),
  z.strictObject({
    do: z.literal('add-user'),
    name: Name,
    role: HsmRole,
    publicKey: PublicKeyPem.optional(),
  }),
  z.strictObject({ do: z.literal('remove-user'), name: Name }),
  z.strictObject({ do: z.literal('set-quorum'), service: QuorumService, required }),
  z.strictObject({ do: z.literal('set-key-use'), needsLogin: z.boolean() }),
  z.strictObject({ do: z.literal('set-approval-touch'), service: QuorumService, touch: WantedGate.nullable() }),
  z.strictObject({ do: z.literal('make-recovery-code') }),
]);
export type QuorumAct = z.infer<typeof QuorumAct>;

/**
 * Methods about the HSM’s users. `session` is what `hsm.login` answered, sealed for `hsm-session`; passwords of HSM users are sealed for `hsm-password`.
 */
export const hsmUserMethods = {
  'hsm.users': {
    input: z.strictObject({ session: Sealed.optional() }),
    output: HsmUsers,
    summary: 'Users of the HSM, the quorum and the tokens that wait for approval',
  },
  'hsm.usersInit': {
    input: z.strictObject({
      authorize: Secret,
      name: Name,
      password: Sealed,
      publicKey: PublicKeyPem.optional(),
    }),
    output: HsmUserInfo,
    summary: 'Make the first crypto officer, while the HSM has no users; by the vault’s owner',
  },
  'hsm.usersReset': {
    input: z.strictObject({ recoveryCode: Sealed }),
    output: done,
    summary: 'Remove all users, their quorum and its tokens, with the vault’s recovery code',
  },
  'hsm.login': {
    input: z.strictObject({ name: Name, password: Sealed, replyKey: ReplyKey }),
    output: z.object({ session: SealedReply, role: HsmRole, idleSeconds: z.int() }),
    summary: 'Log an HSM user in; the session ends with a lock, a logout or after 15 minutes without a use',
  },
  'hsm.logout': {
    input: z.strictObject({ session: Sealed }),
    output: z.object({ name: z.string().nullable() }),
    summary: 'End a session and all others of its user',
  },
  'hsm.userAdd': {
    input: z.strictObject({
      session: Sealed,
      name: Name,
      role: HsmRole,
      password: Sealed,
      publicKey: PublicKeyPem.optional(),
    }),
    output: HsmUserInfo,
    summary: 'Add a user; by a crypto officer, with the quorum’s approval where there is one',
  },
  'hsm.userRemove': {
    input: z.strictObject({ session: Sealed, name: Name }),
    output: done,
    summary: 'Remove a user, never the last crypto officer; by a crypto officer',
  },
  'hsm.userPassword': {
    input: z.strictObject({ name: Name, current: Sealed, next: Sealed }),
    output: done,
    summary: 'Change the password of an HSM user, who proves the present one',
  },
  'hsm.quorumSet': {
    input: z.strictObject({ session: Sealed, service: QuorumService, required }),
    output: z.object({ service: QuorumService, required: z.int() }),
    summary: 'How many crypto officers have to approve; by a crypto officer, and by the quorum as it is',
  },
  'hsm.approvalTouchSet': {
    input: z.strictObject({ session: Sealed, service: QuorumService, touch: WantedGate.nullable() }),
    output: z.object({ service: QuorumService, touch: Gate.nullable() }),
    summary:
      'Let an officer’s approval count only with a touch of a security key; by a crypto officer and by the quorum, and to loosen it with a touch too',
  },
  'hsm.keyUseSet': {
    input: z.strictObject({ session: Sealed, needsLogin: z.boolean() }),
    output: z.object({ needsLogin: z.boolean() }),
    summary: 'Whether KMS keys may be used only while a crypto user is logged in; by a crypto officer',
  },
  'hsm.quorumTokenCreate': {
    input: z.strictObject({
      session: Sealed,
      act: QuorumAct,
      expiresInSeconds: z
        .int()
        .min(60, 'a token lives at least a minute')
        .max(7 * 86_400, 'a token lives at most 7 days'),
    }),
    output: QuorumTokenInfo,
    summary: 'Ask the officers to approve one thing, once',
  },
  'hsm.quorumApprove': {
    input: z.strictObject({
      id: TokenId,
      user: Name,
      /** Over the token’s text: RSA-2048 PKCS#1 v1.5 or P-256 in DER, with SHA-256. */
      signature: Base64.optional(),
      /** Of an officer whose key is kept in the HSM. */
      password: Sealed.optional(),
    }),
    output: QuorumTokenInfo,
    summary: 'An officer’s approval, by a signature or by the password that their key is kept under',
  },
  'hsm.quorumCancel': {
    input: z.strictObject({ session: Sealed, id: TokenId }),
    output: z.object({ id: z.string() }),
    summary: 'Take a token back; by a crypto officer or by who asked for it',
  },
} as const;
