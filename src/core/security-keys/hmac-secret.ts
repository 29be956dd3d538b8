import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { getAssertion } from '../fido/get-assertion.ts';
import type { HmacSecretAssertion, Hsm } from '../hsm/protocol.ts';
import type { PluggedIn } from './devices.ts';
import { requireFido2, touching, withFidoKey } from './fido-key.ts';
import { alwaysVerifies, beginPinUv, endPinUv, verifyPerson } from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** What a person has sealed to the HSM process for one security key. */
export interface Sealing {
  pin?: Sealed;
}

export interface HmacSecretQuestion {
  rpId: string;
  credentialId: Uint8Array;
  salt: Uint8Array;
  uv: boolean;
}

/** Has a security key answer for an unlock slot. The caller ends the handle (`endPinUv`) when the HSM process has used the answer. */
export async function askHmacSecret(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  { rpId, credentialId, salt, uv }: HmacSecretQuestion,
  sealing: Sealing,
): Promise<HmacSecretAssertion> {
  return withFidoKey(keys, use, device, async (key) => {
    const info = requireFido2(key);
    if (!info.extensions.includes('hmac-secret')) {
      throw new KeyholdError(
        'DeviceUnsupported',
        `${device.name} cannot keep a secret for the vault (hmac-secret). Use another security key.`,
      );
    }
    if (!uv && alwaysVerifies(info)) {
      throw new KeyholdError(
        'DeviceUnsupported',
        `${device.name} verifies its person always (alwaysUv), and this way into the vault is of a touch alone. Set the key as it was, or use another way in.`,
      );
    }
    const session = await beginPinUv(hsm, key, info, use);
    try {
      const person = uv
        ? await verifyPerson(hsm, key, info, use, session, { permissions: ['getAssertion'], rpId, ...sealing })
        : {};
      const { handle, protocol, platformKey } = session;
      const input = await hsm.call('hmacSecretInput', { handle, salt });
      const answered = await getAssertion(
        key.channel,
        {
          ...{ rpId, clientDataHash: input.clientDataHash, allow: [credentialId] },
          hmacSecret: { protocol, platformKey, saltEnc: input.saltEnc, saltAuth: input.saltAuth },
          ...person,
        },
        touching(use, device),
      );
      use.asked();
      return { handle, authData: answered.authData, signature: answered.signature };
    } catch (error) {
      await endPinUv(keys, hsm, session.handle);
      throw error;
    }
  });
}
