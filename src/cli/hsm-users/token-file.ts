import { createPrivateKey, sign } from 'node:crypto';
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { QuorumTokenFile } from '../../client/quorum-token-file.ts';
import { Base64, Instant } from '../../contract/schemas.ts';
import { usageError } from '../errors.ts';
import { readFile } from '../read-file.ts';

const HEADER = 'Keyhold quorum token 1';

const TokenFile: z.ZodType<QuorumTokenFile> = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  description: z.string(),
  createdBy: z.string(),
  expiresAt: Instant,
  required: z.int(),
  unsigned: Base64,
  signatures: z.array(z.object({ user: z.string(), signature: Base64 })),
});

/** Null where there is no such file. Throws `InvalidInput` for one of another form. */
export function readTokenFile(path: string): QuorumTokenFile | null {
  if (!existsSync(path)) return null;
  const parsed = TokenFile.safeParse(parseJson(readFile(path).toString('utf8')));
  if (!parsed.success || !textOf(parsed.data).startsWith(`${HEADER}\n`)) {
    throw usageError(`${path} is no quorum token. Make one with "keyhold hsm quorum token create".`);
  }
  // The text is what is signed: a file that says something else around it is not passed on.
  if (!textOf(parsed.data).includes(`\ntoken ${parsed.data.id}\n`)) {
    throw usageError(`${path} has the text of another token. Ask for the token's file again.`);
  }
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function textOf({ unsigned }: Pick<QuorumTokenFile, 'unsigned'>): string {
  return Buffer.from(unsigned, 'base64').toString('utf8');
}

/** An officer's signature over the token's text, as `openssl dgst -sha256 -sign` makes it. Throws `InvalidInput`. */
export function signTokenFile({ unsigned }: QuorumTokenFile, pem: Buffer): string {
  let key: ReturnType<typeof createPrivateKey>;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw usageError(
      'The key file is no private key in PEM, or needs a passphrase. For the latter, sign with openssl and give the signature to "keyhold hsm quorum approve --signature".',
    );
  }
  const type = key.asymmetricKeyType;
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (!(type === 'rsa' && modulusLength === 2048) && !(type === 'ec' && namedCurve === 'prime256v1')) {
    throw usageError('Officers sign with an RSA-2048 or a P-256 key.');
  }
  return sign('sha256', Buffer.from(unsigned, 'base64'), key).toString('base64');
}
