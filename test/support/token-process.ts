import type { Hsm, ObjectRef } from '../../src/core/hsm/protocol.ts';
import { createTokenClient, type TokenClient, unavailable } from '../../src/core/tokens/token-client.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { spawnTokenProcess } from '../../src/daemon/token-fork.ts';
import { sealFor } from './hsm.ts';

let next = 0xf000;

/** Puts a PIN into an unlocked HSM; answers a reference that carries its blob. */
export async function importPin(hsm: Hsm, pin: string): Promise<ObjectRef> {
  const id = (next++).toString(16).padStart(32, '0');
  const { blob } = await hsm.call('importObject', {
    id,
    sealed: await sealFor(hsm, 'token-pin', pin),
    purpose: 'token-pin',
    attributes: {
      class: 'secret-key',
      spec: 'TOKEN_PIN',
      usage: [],
      extractable: false,
      label: '',
      createdAt: 1,
      policy: {},
    },
  });
  return { id, version: 1, blob };
}

/** A token process of its own. */
export function startTokenProcess(environment: Record<string, string> = {}): TokenClient {
  return createTokenClient(spawnTokenProcess(environment), systemClock);
}

export const ended = () => unavailable('the test is over');
