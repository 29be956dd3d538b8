import { KeyholdError } from '../../../contract/errors.ts';
import { wipe } from '../../crypto/wipe.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { replyKeyOf, sealReply } from '../secret-input.ts';
import type { TokenState } from '../state.ts';
import { loadObject, requireNotExpired } from '../use-object.ts';

export async function sealTokenPin(state: TokenState, input: unknown): Promise<HsmOutput<'sealTokenPin'>> {
  const fields = fieldsOf(input, 'input', ['key', 'replyKey']);
  const replyKey = replyKeyOf(fields['replyKey']);
  const { attributes, material } = loadObject(state, fields['key']);
  if (attributes.spec !== 'TOKEN_PIN') throw new KeyholdError('HsmRefused', 'This is not the PIN of a token.');
  requireNotExpired(state, attributes);
  // A copy: the cache may wipe the original while the sealing waits.
  const pin = new Uint8Array(material);
  try {
    return { pin: await sealReply(replyKey, 'token-pin', pin) };
  } finally {
    wipe(pin);
  }
}
