import { totalmem } from 'node:os';
import { systemRandom } from '../crypto/random.ts';
import { serveParent } from './serve-parent.ts';
import { stopWhenTampered } from './stop-when-tampered.ts';
import { createToken } from './token.ts';

/** The HSM process: one token behind one private channel. */

function memoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

const token = createToken({
  random: systemRandom,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  memoryBytes: memoryBytes(),
});
process.on('exit', () => token.wipe());
serveParent('vault', stopWhenTampered(token), () => process.exit(0));
