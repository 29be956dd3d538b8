import { systemRandom } from '../../crypto/random.ts';
import { serveParent } from '../serve-parent.ts';
import { createTokenHost } from './token-host.ts';

/**
 * A token process: one vendor's PKCS#11 module, logged in to one token, behind one private channel. It is apart from the HSM process so that the module, which is
 * native code of somebody else's, can neither read the vault's keys nor crash or hang what holds them.
 */

// Leaving in good order would wait for the module's threads, and a module that hangs has some.
serveParent('token', createTokenHost(systemRandom), () => process.kill(process.pid, 'SIGKILL'));
