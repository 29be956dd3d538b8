import { KeyholdError } from '../../contract/errors.ts';
import type { DeviceCredential } from '../../contract/mfa.ts';
import { toHex } from '../crypto/bytes.ts';
import { type CredentialManagement, credentialManagement } from '../fido/credential-management.ts';
import type { Hsm } from '../hsm/protocol.ts';
import type { PluggedIn } from './devices.ts';
import { requireFido2, withFidoKey } from './fido-key.ts';
import type { Sealing } from './hmac-secret.ts';
import { beginPinUv, endPinUv, verifyPerson } from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** Works on the credentials that a device keeps, with its PIN. */
async function withCredentials<T>(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  sealing: Sealing,
  work: (credentials: CredentialManagement) => Promise<T>,
): Promise<T> {
  return withFidoKey(keys, use, device, async (key) => {
    const info = requireFido2(key);
    const session = await beginPinUv(hsm, key, info, use);
    try {
      const wanted = { permissions: ['credentialManagement'], ...sealing } as const;
      const person = await verifyPerson(hsm, key, info, use, session, wanted);
      if (!('auth' in person)) throw noToken(device);
      return await work(credentialManagement(key.channel, info, person.auth));
    } finally {
      await endPinUv(keys, hsm, session.handle);
    }
  });
}

function noToken({ name }: PluggedIn): KeyholdError {
  return new KeyholdError('DeviceUnsupported', `${name} shows its credentials for its PIN only. Enter its PIN.`);
}

export function listCredentials(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  sealing: Sealing,
): Promise<{ credentials: DeviceCredential[]; remaining: number | null }> {
  const options = { signal: use.signal };
  return withCredentials(keys, hsm, use, device, sealing, async (management) => {
    const credentials: DeviceCredential[] = [];
    for (const { id, idHash } of await management.relyingParties(options)) {
      for (const { credentialId, user } of await management.credentials(idHash, options)) {
        credentials.push({
          credentialId: toHex(credentialId),
          rpId: id,
          userName: user.name,
          userDisplayName: user.displayName,
        });
      }
    }
    return { credentials, remaining: (await management.metadata(options)).remaining };
  });
}

export function removeCredential(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  sealing: Sealing,
  credentialId: Uint8Array,
): Promise<void> {
  return withCredentials(keys, hsm, use, device, sealing, (management) =>
    management.remove(credentialId, { signal: use.signal }),
  );
}
