import { KeyholdError } from '../../contract/errors.ts';
import type { Actor } from '../draft.ts';

/**
 * What AWS takes is answered over the control socket, which is its owner's, and to nobody else: a page or window that somebody has taken over could ask for it as well, and has no use of
 * its own for it. Throws `Unauthorized`.
 */
export function assertCommandLine(actor: Actor, instead: string): void {
  if (actor === 'cli') return;
  throw new KeyholdError('Unauthorized', `Credentials are handed out at the command line alone: ${instead}`);
}
