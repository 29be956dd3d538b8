import { KeyholdError } from '../../contract/errors.ts';
import type { Chain } from '../sessions/chain.ts';
import { keyOfChain } from '../sessions/credentials.ts';
import type { Things } from '../things.ts';
import { openPanic } from './run.ts';

/**
 * A profile that works with an access key goes by the key's own switch. What a sign-in, a certificate or a program gives has none here, so an open panic stands for it: a client that is made
 * meanwhile is given nothing by it either, until a person has taken the panic back, as far as that goes, or put it away. Throws `HsmRefused`.
 */
export function assertNotStopped(things: Things, chain: Chain): void {
  const panic = openPanic(things)?.value;
  if (panic === undefined || panic.backAt !== undefined || keyOfChain(things, chain) !== undefined) return;
  throw new KeyholdError(
    'HsmRefused',
    `A panic is open, and the profile ${chain[0].value.name}, which works without an access key of this vault, is given no credentials until it is over: keyhold panic close, or keyhold panic undo.`,
  );
}
