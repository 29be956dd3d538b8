import { KeyholdError } from '../../contract/errors.ts';
import { methods } from '../../contract/methods.ts';
import type { Contract } from '../../daemon/control-socket.ts';

/** Whether an address is what somebody who is signing in has to open: the daemon’s word for it counts, not the page’s. */
export async function isSignInPage(contract: Contract, url: string): Promise<boolean> {
  try {
    const { signIns } = methods['signIn.list'].output.parse(await contract.call('signIn.list', {}, 'app'));
    return signIns.some(({ attempt }) => attempt?.url === url);
  } catch (error) {
    // Nobody signs in while the vault is locked.
    if (error instanceof KeyholdError) return false;
    throw error;
  }
}
