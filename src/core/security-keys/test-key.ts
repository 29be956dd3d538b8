import { KeyholdError } from '../../contract/errors.ts';
import { getAssertion } from '../fido/get-assertion.ts';
import { KEYHOLD_RP_ID } from '../fido/rp-id.ts';
import { selectAuthenticator } from '../fido/select-authenticator.ts';
import { u2fAuthenticate } from '../fido/u2f.ts';
import type { Hsm, HsmOutput, RecordSealed } from '../hsm/protocol.ts';
import type { PluggedIn } from './devices.ts';
import { touching, withFidoKey } from './fido-key.ts';
import type { Sealing } from './hmac-secret.ts';
import { alwaysVerifies, beginPinUv, endPinUv, verifyPerson } from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

const HASH_BYTES = 32;

/** An enrolled key, as the HSM process knows it. */
export interface KnownKey {
  credentialId: Uint8Array;
  /** It was enrolled with its person verified. */
  uv: boolean;
  /** Its SECURITY_KEY object: what the answer is verified against, and where the counter is. */
  object: RecordSealed;
}

/** Has an enrolled key sign something fresh, which the HSM process verifies. Throws `DeviceFault` for an answer that does not verify, and for a counter that went back. */
export async function testKey(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  { credentialId, uv, object }: KnownKey,
  sealing: Sealing,
): Promise<HsmOutput<'presentTouch'>> {
  const asked = async () => {
    const { challenge, rpId, clientDataHash } = await hsm.call('touchChallenge', { use: null, keys: [object] });
    return { challenge, request: { rpId, clientDataHash, allow: [credentialId] } };
  };
  const { challenge, answer } = await withFidoKey(keys, use, device, async (key) => {
    if (key.info === null) {
      const { challenge, request } = await asked();
      const answer = await u2fAuthenticate(key.channel, keys.ports.clock, request, touching(use, device));
      return { challenge, answer };
    }
    const session = uv || alwaysVerifies(key.info) ? await beginPinUv(hsm, key, key.info, use) : null;
    try {
      const wanted = { permissions: ['getAssertion'], rpId: KEYHOLD_RP_ID, ...sealing } as const;
      const person = session === null ? {} : await verifyPerson(hsm, key, key.info, use, session, wanted);
      // Only now: it is good for a minute.
      const { challenge, request } = await asked();
      return { challenge, answer: await getAssertion(key.channel, { ...request, ...person }, touching(use, device)) };
    } finally {
      if (session !== null) await endPinUv(keys, hsm, session.handle);
    }
  });
  use.asked();
  const presented = { credentialId: answer.credentialId, authenticatorData: answer.authData };
  const taken = await hsm
    .call('presentTouch', { challenge, ...presented, signature: answer.signature })
    .catch((error: unknown) => {
      throw refusal(error, device);
    });
  if (uv && !taken.userVerified) {
    throw new KeyholdError(
      'DeviceFault',
      `${device.name} was enrolled with its PIN or fingerprint, and did not ask for it. Enrol it again.`,
    );
  }
  return taken;
}

/** Of a key that the vault does not know, only the touch can be tested. */
export async function testTouch(keys: SecurityKeys, use: KeyUse, device: PluggedIn): Promise<void> {
  await withFidoKey(keys, use, device, async ({ channel, info }) => {
    if (info !== null) {
      await selectAuthenticator(channel, info, touching(use, device));
      return;
    }
    // A U2F key can only be shown to be alive.
    await channel.ping(keys.ports.random.bytes(HASH_BYTES));
    if (channel.capabilities.wink) await channel.wink();
  });
  use.asked();
}

function refusal(error: unknown, { name }: PluggedIn): unknown {
  if (!(error instanceof KeyholdError) || error.code !== 'HsmRefused') return error;
  const message =
    error.details?.['finding'] === 'cloned'
      ? `The counter of ${name} went back: there may be a second key with the same secret. Enrol another key and remove this one.`
      : `What ${name} answered does not verify. Use the key that was enrolled, or enrol it again.`;
  return new KeyholdError('DeviceFault', message, undefined, { cause: error });
}
