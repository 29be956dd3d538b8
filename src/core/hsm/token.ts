import { KeyholdError } from '../../contract/errors.ts';
import { toHex } from '../crypto/bytes.ts';
import { createHpkeRecipient } from '../crypto/hpke.ts';
import { noncePool } from '../crypto/nonce-pool.ts';
import { secretKey } from '../crypto/secret-key.ts';
import { wipe } from '../crypto/wipe.ts';
import { endTransfer } from './account-transfer.ts';
import { NO_ATTEMPTS } from './attempts.ts';
import { createExclusive } from './exclusive.ts';
import { requireTouch } from './gates/require-touch.ts';
import { forgetGates, newGatesState } from './gates/state.ts';
import { createObjectCache } from './object-cache.ts';
import { isOperation, OPERATIONS } from './operations.ts';
import { newOtpClaims } from './otp/claims.ts';
import { endHandles } from './pin-uv-handles.ts';
import type { TokenPorts, TokenState } from './state.ts';
import { requireKeyUse } from './users/key-use.ts';
import { newUsersState } from './users/state.ts';

const SEAL_KEY_ID_BYTES = 16;
const DIGEST_KEY_BYTES = 32;

/** The HSM without its process: state, rules and operations. */
export interface Token {
  /**
   * Answers one operation of protocol.ts. Rejects with a KeyholdError (`Unsupported` for an unknown operation, `InvalidInput` for
   * anything malformed) or with UnknownObject; never with anything else, whatever the input.
   */
  handle(op: unknown, input: unknown): Promise<unknown>;
  /** It holds an unlocked vault that has verified so far. */
  inUse(): boolean;
  /** Best effort: what purges memory for certain is the end of the process. */
  wipe(): void;
}

/** Of a process that has just been started. */
export function newTokenState(ports: TokenPorts): TokenState {
  return {
    ports,
    nonces: noncePool(ports.random),
    sealKeyId: toHex(ports.random.bytes(SEAL_KEY_ID_BYTES)),
    recipient: createHpkeRecipient(ports.random),
    objects: createObjectCache(),
    gates: newGatesState(secretKey(ports.random.bytes(DIGEST_KEY_BYTES))),
    pinUv: new Map(),
    exclusively: createExclusive(),
    attempts: NO_ATTEMPTS,
    users: newUsersState(),
    otp: newOtpClaims(),
    keys: null,
    proofs: new Map(),
    next: null,
    transfer: null,
    inspecting: false,
  };
}

export function createToken(ports: TokenPorts): Token {
  const state = newTokenState(ports);
  return {
    async handle(op, input) {
      if (typeof op !== 'string' || !isOperation(op)) {
        throw new KeyholdError('Unsupported', 'The vault process does not know this operation. Restart Keyhold.');
      }
      requireKeyUse(state, op);
      requireTouch(state, op, input);
      return OPERATIONS[op](state, input);
    },
    inUse: () => state.keys !== null && !state.inspecting,
    wipe: () => forget(state),
  };
}

function forget(state: TokenState): void {
  endTransfer(state);
  endHandles(state);
  wipe(state.keys?.rootKey, state.keys?.naming, state.next?.keys.rootKey, state.next?.keys.naming);
  state.keys = null;
  state.next = null;
  state.proofs.clear();
  state.objects.clear();
  forgetGates(state.gates);
  state.users = newUsersState();
  state.otp = newOtpClaims();
}
