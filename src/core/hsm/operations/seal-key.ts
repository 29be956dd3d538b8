import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';

export async function sealKey(state: TokenState, input: unknown): Promise<HsmOutput<'sealKey'>> {
  fieldsOf(input, 'input', []);
  const recipient = await state.recipient;
  return { sealKeyId: state.sealKeyId, publicKey: new Uint8Array(recipient.publicKey) };
}
