import { hmacSha256 } from '../../crypto/hmac.ts';
import { fieldsOf, recordIdOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import { type TokenState, workingKeys } from '../state.ts';

export function derivePageTokenKey(state: TokenState, input: unknown): HsmOutput<'derivePageTokenKey'> {
  const fields = fieldsOf(input, 'input', ['account']);
  return { key: hmacSha256(workingKeys(state).pageToken, recordIdOf(fields['account'], 'account')) };
}
