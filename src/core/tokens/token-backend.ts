import type { TokenFacts, TokenKeyOperation, TokenKeyOperations } from '../hsm/pkcs11/protocol.ts';
import type { TokenConnection, TokenKeeper } from './token-keeper.ts';

/** The operations on keys, as functions: inputs, answers and errors are those of `TokenKeyOperations`. */
type KeyFunctions = {
  readonly [O in TokenKeyOperation]: (input: TokenKeyOperations[O][0]) => Promise<TokenKeyOperations[O][1]>;
};

/**
 * A token as the KMS's custom key stores use it: keys by CKA_ID (32 hex digits), AES-GCM bound to an AAD. Besides what each operation says, a call can fail with `TokenUnavailable` (try
 * again later; `details.retryAfterSeconds`), `TokenPinRefused` (until a person does something) and `Timeout` (its outcome is unknown: look with `findKey`). The token is connected when it is first needed.
 */
export interface TokenBackend extends KeyFunctions {
  /** The token's record id. */
  readonly id: string;
  /** Looks for the token at once, however long it has been away. A PIN that it refused is for a person to try again (`TokenPinRefused`). */
  look(): Promise<TokenFacts>;
  /** Ends the process that talks to it; the next call starts another, so whoever disconnects a key store keeps its keys from being used. */
  disconnect(): Promise<void>;
  connection(): TokenConnection;
}

export function tokenBackend(id: string, keeper: TokenKeeper): TokenBackend {
  return {
    id,
    look: async () => (await keeper.look()).facts.token,
    disconnect: () => keeper.disconnect(),
    connection: () => keeper.connection(),
    generateKey: (input) => keeper.call('generateKey', input),
    findKey: (input) => keeper.call('findKey', input),
    destroyKey: (input) => keeper.call('destroyKey', input),
    encrypt: (input) => keeper.call('encrypt', input),
    decrypt: (input) => keeper.call('decrypt', input),
    generateDataKey: (input) => keeper.call('generateDataKey', input),
    asymEncrypt: (input) => keeper.call('asymEncrypt', input),
    asymDecrypt: (input) => keeper.call('asymDecrypt', input),
    sign: (input) => keeper.call('sign', input),
    verify: (input) => keeper.call('verify', input),
    mac: (input) => keeper.call('mac', input),
    verifyMac: (input) => keeper.call('verifyMac', input),
    random: (input) => keeper.call('random', input),
  };
}
