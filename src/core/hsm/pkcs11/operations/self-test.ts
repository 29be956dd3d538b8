import { toHex } from '../../../crypto/bytes.ts';
import { fieldsOf } from '../../input.ts';
import type { TokenOutput } from '../protocol.ts';
import { loggedInToken, type TokenProcessState } from '../state.ts';
import { make, tryKey } from './generate-key.ts';

const KEY_ID_BYTES = 16;

export function selfTest(state: TokenProcessState, input: unknown): Promise<TokenOutput<'selfTest'>> {
  fieldsOf(input, 'input', []);
  const token = loggedInToken(state);
  return token.sessions.use(async (session) => {
    const keyId = toHex(state.random.bytes(KEY_ID_BYTES));
    const { own } = await make(token, session, {
      keyId,
      label: 'keyhold test',
      spec: 'AES_256',
      usage: 'ENCRYPT_DECRYPT',
      lasting: false,
    });
    try {
      await tryKey(token, session, own, state.random);
    } finally {
      token.module.C_DestroyObject(session, own);
    }
    return {};
  });
}
