import { asymDecrypt, asymEncrypt } from './operations/asym-encrypt.ts';
import { destroyKey } from './operations/destroy-key.ts';
import { decrypt, encrypt, generateDataKey } from './operations/encrypt.ts';
import { findKey } from './operations/find-key.ts';
import { generateKey } from './operations/generate-key.ts';
import { listTokens } from './operations/list-tokens.ts';
import { load } from './operations/load.ts';
import { login } from './operations/login.ts';
import { mac, verifyMac } from './operations/mac.ts';
import { random } from './operations/random.ts';
import { replyKey } from './operations/reply-key.ts';
import { selfTest } from './operations/self-test.ts';
import { setPin } from './operations/set-pin.ts';
import { sign, verify } from './operations/sign.ts';
import { tokenInfo } from './operations/token-info.ts';
import type { TokenOperation, TokenOutput } from './protocol.ts';
import type { TokenProcessState } from './state.ts';

/** Every operation, checked for completeness by its type. Each validates its own input. */
export const OPERATIONS: {
  readonly [O in TokenOperation]: (
    state: TokenProcessState,
    input: unknown,
  ) => TokenOutput<O> | Promise<TokenOutput<O>>;
} = {
  replyKey,
  load,
  listTokens,
  login,
  setPin,
  tokenInfo,
  selfTest,
  generateKey,
  findKey,
  destroyKey,
  encrypt,
  decrypt,
  generateDataKey,
  asymEncrypt,
  asymDecrypt,
  sign,
  verify,
  mac,
  verifyMac,
  random,
};

export function isOperation(name: string): name is TokenOperation {
  return Object.hasOwn(OPERATIONS, name);
}
