import { concat, utf8 } from '../../crypto/bytes.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { bytesOf, fieldsOf } from '../input.ts';
import { handleOf } from '../pin-uv-handles.ts';
import type { HsmOutput } from '../protocol.ts';
import { HMAC_SECRET_SALT_BYTES } from '../slot-factors.ts';
import type { TokenState } from '../state.ts';

const LABEL = utf8('keyhold/v1/slot-assertion');
const NONCE_BYTES = 32;

/** The hash that is to be signed is chosen here, anew each time: an assertion from another time or for another site is none for this. */
export function hmacSecretInput(state: TokenState, input: unknown): HsmOutput<'hmacSecretInput'> {
  const fields = fieldsOf(input, 'input', ['handle', 'salt']);
  const salt = bytesOf(fields['salt'], 'salt', HMAC_SECRET_SALT_BYTES, HMAC_SECRET_SALT_BYTES);
  const handle = handleOf(state, fields['handle']);
  const { saltEnc, saltAuth } = handle.exchange.hmacSecretInput([salt]);
  const clientDataHash = sha256(concat(LABEL, state.ports.random.bytes(NONCE_BYTES), salt));
  handle.asked = { salt: Uint8Array.from(salt), clientDataHash };
  return { saltEnc, saltAuth, clientDataHash };
}
