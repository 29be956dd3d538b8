import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { replyKeyOf, sealReply } from '../secret-input.ts';
import type { TokenState } from '../state.ts';
import { objectFor } from '../use-object.ts';
import { requireExportAllowed } from '../users/export-guard.ts';
import { wipedOnceSent } from '../wiped-once-sent.ts';

export async function leaveSecret(state: TokenState, input: unknown): Promise<HsmOutput<'leaveSecret'>> {
  const fields = fieldsOf(input, 'input', ['key', 'replyKey']);
  const replyKey = fields['replyKey'] === undefined ? undefined : replyKeyOf(fields['replyKey']);
  const { attributes, material } = objectFor(state, fields['key'], {
    usage: 'leave',
    specs: ['AWS_SECRET_ACCESS_KEY'],
  });
  requireExportAllowed(state, [attributes]);
  // A copy: the cache may wipe the original while the sealing waits.
  const secret = new Uint8Array(material);
  if (replyKey === undefined) return { secret: wipedOnceSent(secret) };
  try {
    return { sealed: await sealReply(replyKey, 'session-secret', secret) };
  } finally {
    wipe(secret);
  }
}
