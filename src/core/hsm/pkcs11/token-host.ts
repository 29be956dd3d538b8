import { KeyholdError } from '../../../contract/errors.ts';
import { createHpkeRecipient } from '../../crypto/hpke.ts';
import type { Random } from '../../ports.ts';
import type { Answering } from '../answer.ts';
import { isOperation, OPERATIONS } from './operations.ts';
import type { TokenProcessState } from './state.ts';

/** The token process without its process: one module, one login, and the operations on them. */
export function createTokenHost(random: Random): Answering {
  const state: TokenProcessState = {
    random,
    recipient: createHpkeRecipient(random),
    loaded: null,
    loggedIn: null,
  };
  return {
    async handle(op, input) {
      if (typeof op !== 'string' || !isOperation(op)) {
        throw new KeyholdError('Unsupported', 'The token process does not know this operation. Restart Keyhold.');
      }
      return OPERATIONS[op](state, input);
    },
  };
}
