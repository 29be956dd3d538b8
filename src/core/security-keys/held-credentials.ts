import { KeyholdError } from '../../contract/errors.ts';
import { equal } from '../crypto/equal.ts';
import { getAssertion } from '../fido/get-assertion.ts';
import { fido2Of, type SlotDescriptor } from '../vault/slot-descriptor.ts';
import type { PluggedIn } from './devices.ts';
import { type FidoKey, withFidoKey } from './fido-key.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

export interface Credential {
  rpId: string;
  credentialId: Uint8Array;
}

const HASH_BYTES = 32;

/** Which of the slots' credentials this device has: asked without a touch, so that nobody touches the wrong key. */
export async function heldCredentials(
  keys: SecurityKeys,
  use: KeyUse,
  device: PluggedIn,
  slots: readonly SlotDescriptor[],
): Promise<Uint8Array[]> {
  const wanted = slots.flatMap((slot) => fido2Of(slot) ?? []);
  return withFidoKey(keys, use, device, async (key) => {
    const held: Uint8Array[] = [];
    for (const credential of distinct(wanted)) {
      if (await holds(key, use, credential)) held.push(credential.credentialId);
    }
    return held;
  });
}

/** CTAP 2.1, section 6.2: an assertion with `up` false. */
export async function holds(key: FidoKey, use: KeyUse, { rpId, credentialId }: Credential): Promise<boolean> {
  // U2F has no hmac-secret: such a key is in no slot.
  if (key.info === null) return false;
  const request = { rpId, clientDataHash: new Uint8Array(HASH_BYTES), allow: [credentialId], userPresence: false };
  try {
    await getAssertion(key.channel, request, { signal: use.signal });
    return true;
  } catch (error) {
    if (!(error instanceof KeyholdError)) throw error;
    if (error.code === 'NoCredential') return false;
    // Some do not even say before they have verified their person: then the real question shows it.
    if (error.code === 'PinRequired') return true;
    throw error;
  }
}

function distinct(credentials: readonly Credential[]): Credential[] {
  return credentials.filter(
    (one, at) => credentials.findIndex((other) => equal(other.credentialId, one.credentialId)) === at,
  );
}
