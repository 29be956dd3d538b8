import { KeyholdError } from '../../contract/errors.ts';
import { toHex } from '../crypto/bytes.ts';
import { createHpkeRecipient } from '../crypto/hpke.ts';
import { wipe } from '../crypto/wipe.ts';
import { createExclusive } from './exclusive.ts';
import { createObjectCache } from './object-cache.ts';
import { isOperation, OPERATIONS } from './operations.ts';
import type { TokenPorts, TokenState } from './state.ts';

const SEAL_KEY_ID_BYTES = 16;

/** The HSM without its process: state, rules and operations. */
export interface Token {
  /**
   * Answers one operation of protocol.ts. Rejects with a KeyholdError (`Unsupported` for an unknown operation, `InvalidInput` for
   * anything malformed) or with UnknownObject; never with anything else, whatever the input.
   */
  handle(op: unknown, input: unknown): Promise<unknown>;
  /** Best effort: what purges memory for certain is the end of the process. */
  wipe(): void;
}

export function createToken(ports: TokenPorts): Token {
  const state: TokenState = {
    ports,
    sealKeyId: toHex(ports.random.bytes(SEAL_KEY_ID_BYTES)),
    recipient: createHpkeRecipient(ports.random),
    objects: createObjectCache(),
    exclusively: createExclusive(),
    attempts: { failures: 0, lastFailure: 0 },
    keys: null,
    inspecting: false,
  };
  return {
    async handle(op, input) {
      if (typeof op !== 'string' || !isOperation(op)) {
        throw new KeyholdError('Unsupported', 'The vault process does not know this operation. Restart Keyhold.');
      }
      return OPERATIONS[op](state, input);
    },
    wipe() {
      wipe(state.keys?.rootKey);
      state.keys = null;
      state.objects.clear();
    },
  };
}
