import { KeyholdError } from '../../../contract/errors.ts';
import { fromBase64, utf8 } from '../../crypto/bytes.ts';
import { fieldsOf, invalid, textOf } from '../input.ts';
import type { TokenProcessState } from './state.ts';

/** A PIN that the HSM process sealed to this process; the caller wipes it. */
export async function openPin(state: TokenProcessState, value: unknown): Promise<Uint8Array> {
  const fields = fieldsOf(value, 'pin', ['enc', 'ciphertext']);
  const enc = fromBase64(textOf(fields['enc'], 'pin.enc', 0, 128));
  const ciphertext = fromBase64(textOf(fields['ciphertext'], 'pin.ciphertext', 0, 1024));
  if (enc === null || ciphertext === null) throw invalid('pin', 'base64');
  const pin = await (await state.recipient).open({ enc, ciphertext }, utf8('keyhold/reply/v1/token-pin'));
  if (pin === null) throw new KeyholdError('InvalidInput', 'The sealed PIN does not open in this token process.');
  return pin;
}
