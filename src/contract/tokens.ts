import { z } from 'zod';
import { method } from './method.ts';
import { Name, Sealed, Token, TokenEnvironment, TokenFacts, TokenModuleFacts, TokenModulePath } from './schemas.ts';

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
  'token.remove': method(
    z.strictObject({ name: Name }),
    done,
    'Forget a token and its PIN; the keys in it stay where they are',
  ),
};
