import { homeEnvironment, type spawnTokenProcess } from '../daemon/token-fork.ts';
import { leastEnvironment, utilityChannel } from './utility-channel.ts';

type SpawnToken = typeof spawnTokenProcess;
type TokenChannel = ReturnType<SpawnToken>;
type Requests = Parameters<TokenChannel['send']>[0];
type Responses = Parameters<Parameters<TokenChannel['onFrames']>[0]>[0];

/**
 * Starts token processes as Electron utility processes, which is what lets a vendor's module be loaded apart from the app.
 *
 * @param modulePath their bundle, `dist/main/token-process.js`
 */
export function utilityToken(modulePath: string): SpawnToken {
  return (environment) =>
    utilityChannel<Requests[number], Responses[number]>({
      modulePath,
      serviceName: 'Keyhold token',
      env: { ...homeEnvironment(), ...environment, ...leastEnvironment() },
      // Modules print what they like there.
      stderr: 'ignore',
    });
}
