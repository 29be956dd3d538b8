import { KeyholdError } from '../../contract/errors.ts';
import type { Answering } from './answer.ts';
import type { Token } from './token.ts';

/**
 * An HSM that finds the vault in use changed from outside stops: it forgets its keys and answers everything with what it has found, so that nothing more is done on top of
 * it. A vault that does not verify when it is opened is only refused, and can be tried again.
 */
export function stopWhenTampered(token: Token): Answering {
  let found: KeyholdError | undefined;
  return {
    async handle(op, input) {
      if (found !== undefined) throw found;
      try {
        return await token.handle(op, input);
      } catch (error) {
        if (error instanceof KeyholdError && error.code === 'VaultTampered' && token.inUse()) {
          found = error;
          token.wipe();
        }
        throw error;
      }
    },
  };
}
