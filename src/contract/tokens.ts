import { z } from 'zod';
import { method } from './method.ts';
import { Instant, Name, RecordId, Sealed } from './schemas.ts';

/** What PKCS#11 says of a module (C_GetInfo) and of a token (C_GetTokenInfo). */
export const TokenModuleFacts = z.object({
  manufacturer: z.string(),
  description: z.string(),
  version: z.string(),
  cryptokiVersion: z.string(),
});
export const TokenFacts = z.object({
  label: z.string(),
  serial: z.string(),
  manufacturer: z.string(),
  model: z.string(),
  firmwareVersion: z.string(),
  initialized: z.boolean(),
  writeProtected: z.boolean(),
  /** How near its PIN is to being locked by wrong ones. */
  pin: z.enum(['ok', 'low', 'final-try', 'locked']),
});

/** Absolute path of a vendor's PKCS#11 module, and the environment variables it is started with besides the home folder. */
export const TokenModulePath = z.string().min(1, 'give the path of the module').max(4096);
export const TokenEnvironment = z.record(
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'an environment variable has a name like SOFTHSM2_CONF'),
  z.string().max(4096),
);

/** A PKCS#11 token that the vault has the PIN of. */
export const Token = z.object({
  id: RecordId,
  name: Name,
  module: z.string(),
  environment: TokenEnvironment,
  label: z.string(),
  /** Null: whichever token of the module has the label. */
  serial: z.string().nullable(),
  /** What AWS's API calls it: the CloudHsmClusterId of a custom key store on this token. */
  clusterId: z.string(),
  createdAt: Instant,
  /** Names of the custom key stores on it. */
  keyStores: z.array(z.string()),
  /** Its PIN was being changed then, and which one the token has is not certain yet. */
  pinUnsettledSince: Instant.optional(),
  /** How many keys of deleted KMS keys are still in it, because it could not be reached or does not destroy them. */
  keysToDestroy: z.int().optional(),
  connection: z.discriminatedUnion('state', [
    /** Not needed yet since the unlock. */
    z.object({ state: z.literal('idle') }),
    z.object({ state: z.literal('connecting') }),
    z.object({ state: z.literal('ready'), pid: z.int().nullable(), module: TokenModuleFacts, facts: TokenFacts }),
    /** It could not be reached and is looked for again when it is needed, but not sooner than this. */
    z.object({ state: z.literal('away'), message: z.string(), retryAfterSeconds: z.int() }),
    /** It refused its PIN, which is not tried again until a person says so. */
    z.object({ state: z.literal('refused'), message: z.string() }),
  ]),
});
export type Token = z.infer<typeof Token>;

const none = z.strictObject({});
const done = z.strictObject({});

/** Methods about PKCS#11 tokens. */
export const tokenMethods = {
  'token.modules': method(
    none,
    z.object({ modules: z.array(z.object({ path: z.string(), vendor: z.string() })) }),
    'PKCS#11 modules of well-known vendors that are on this machine',
  ),
  'token.inspect': method(
    z.strictObject({ module: TokenModulePath, environment: TokenEnvironment.optional() }),
    z.object({ module: TokenModuleFacts, tokens: z.array(TokenFacts) }),
    'Load a PKCS#11 module in a process of its own and say which tokens it has; command line only',
  ),
  'token.list': method(none, z.object({ tokens: z.array(Token) }), 'PKCS#11 tokens and how their connections are'),
  'token.add': method(
    z.strictObject({
      name: Name,
      module: TokenModulePath,
      environment: TokenEnvironment.optional(),
      /** CK_TOKEN_INFO.label, without the padding. */
      label: z.string().min(1, 'say which token').max(32, 'a token’s label has at most 32 characters'),
      /** Where several tokens have the label. */
      serial: z.string().max(16).optional(),
      /** Take any token with the label from now on, whatever its serial number: for clusters whose members differ in it. */
      anySerial: z.boolean().optional(),
      pin: Sealed,
      /** Try the PIN although a wrong one would lock the token. */
      finalTry: z.boolean().optional(),
    }),
    Token,
    'Add a PKCS#11 token after logging in to it once; command line only',
  ),
  'token.status': method(z.strictObject({ name: Name }), Token, 'One token, without asking it'),
  'token.test': method(
    z.strictObject({ name: Name, finalTry: z.boolean().optional() }),
    z.object({
      token: Token,
      facts: TokenFacts,
      /** CKM_… names. */
      mechanisms: z.array(z.string()),
      /** Whether it encrypts and decrypts with AES-256-GCM; if not, why. */
      aesGcm: z.discriminatedUnion('ok', [
        z.object({ ok: z.literal(true) }),
        z.object({ ok: z.literal(false), message: z.string() }),
      ]),
    }),
    'Connect to a token now, whatever went wrong before, and try it out',
  ),
  'token.setPin': method(
    z.strictObject({ name: Name, pin: Sealed, finalTry: z.boolean().optional() }),
    Token,
    'Replace the PIN that the vault keeps of a token, after logging in with it; the token’s own PIN stays as it is',
  ),
  'token.rotatePin': method(
    z.strictObject({ name: Name, pin: Sealed, finalTry: z.boolean().optional() }),
    Token,
    'Give a token another PIN (C_SetPIN), and keep that; whatever is interrupted, the vault has the one that the token has',
  ),
  'token.settlePin': method(
    z.strictObject({ name: Name }),
    z.object({ token: Token, kept: z.enum(['present', 'next', 'certain']) }),
    'After a change of the PIN that was interrupted: find out which one the token has, with one try each',
  ),
  'token.remove': method(
    z.strictObject({ name: Name }),
    done,
    'Forget a token and its PIN; the keys in it stay where they are',
  ),
};
