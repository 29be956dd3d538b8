import type { spawnHsmProcess } from '../daemon/hsm-fork.ts';
import { leastEnvironment, utilityChannel } from './utility-channel.ts';

type HsmChannel = ReturnType<typeof spawnHsmProcess>;
type Requests = Parameters<HsmChannel['send']>[0];
type Responses = Parameters<Parameters<HsmChannel['onFrames']>[0]>[0];

/**
 * Starts the HSM process as an Electron utility process. Its environment and arguments are empty, so no `NODE_OPTIONS` reaches it.
 *
 * @param modulePath the HSM's bundle, `dist/main/hsm-process.js`
 */
export function utilityHsm(modulePath: string): () => HsmChannel {
  return () =>
    utilityChannel<Requests[number], Responses[number]>({
      modulePath,
      serviceName: 'Keyhold HSM',
      env: leastEnvironment(),
      // It carries nothing but the one line that an internal error prints.
      stderr: 'inherit',
    });
}
