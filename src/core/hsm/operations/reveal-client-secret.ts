import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf, oneOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { replyKeyOf, sealReply } from '../secret-input.ts';
import type { TokenState } from '../state.ts';
import { loadObject, requireNotExpired } from '../use-object.ts';
import { requireExportAllowed } from '../users/export-guard.ts';

export async function revealClientSecret(state: TokenState, input: unknown): Promise<HsmOutput<'revealClientSecret'>> {
  const fields = fieldsOf(input, 'input', ['key', 'replyKey', 'purpose']);
  const replyKey = replyKeyOf(fields['replyKey']);
  const purpose = oneOf(fields['purpose'], 'purpose', ['client-secret']);
  const { attributes, material } = loadObject(state, fields['key']);
  if (attributes.spec !== 'CLIENT_SECRET_KEY' || !attributes.extractable) {
    throw new KeyholdError('HsmRefused', 'This secret never leaves the vault.');
  }
  requireNotExpired(state, attributes);
  requireExportAllowed(state, [attributes]);
  // A copy: the cache may wipe the original while the sealing waits.
  const secret = new Uint8Array(material);
  try {
    return { secret: await sealReply(replyKey, purpose, secret) };
  } finally {
    wipe(secret);
  }
}
