import { KeyholdError } from '../../contract/errors.ts';
import { getAssertion } from '../fido/get-assertion.ts';
import { KEYHOLD_RP_ID } from '../fido/rp-id.ts';
import { selectAuthenticator } from '../fido/select-authenticator.ts';
import { u2fAuthenticate } from '../fido/u2f.ts';
import { type AssertionVerdict, verifyAssertion } from '../fido/verify-assertion.ts';
import type { Hsm } from '../hsm/protocol.ts';
import type { PluggedIn } from './devices.ts';
import { touching, withFidoKey } from './fido-key.ts';
import type { Sealing } from './hmac-secret.ts';
import { alwaysVerifies, beginPinUv, endPinUv, verifyPerson } from './pin-uv-session.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

const HASH_BYTES = 32;

export interface KnownCredential {
  credentialId: Uint8Array;
  publicKey: Uint8Array;
  uv: boolean;
  signCount: number;
}

/** Has an enrolled key sign something fresh. Throws `DeviceFault` for an answer that does not verify, `TouchRefused` for a counter that went back. */
export async function testKey(
  keys: SecurityKeys,
  hsm: Hsm,
  use: KeyUse,
  device: PluggedIn,
  known: KnownCredential,
  sealing: Sealing,
): Promise<{ userVerified: boolean; signCount: number }> {
  const clientDataHash = keys.ports.random.bytes(HASH_BYTES);
  const { credentialId, publicKey, uv, signCount } = known;
  const asked = { rpId: KEYHOLD_RP_ID, clientDataHash, allow: [credentialId] };
  const answer = await withFidoKey(keys, use, device, async (key) => {
    if (key.info === null) return u2fAuthenticate(key.channel, keys.ports.clock, asked, touching(use, device));
    const session = uv || alwaysVerifies(key.info) ? await beginPinUv(hsm, key, key.info, use) : null;
    try {
      const person =
        session === null
          ? {}
          : await verifyPerson(hsm, key, key.info, use, session, {
              ...{ permissions: ['getAssertion'], rpId: KEYHOLD_RP_ID, ...sealing },
            });
      return await getAssertion(key.channel, { ...asked, ...person }, touching(use, device));
    } finally {
      if (session !== null) await endPinUv(keys, hsm, session.handle);
    }
  });
  use.asked();
  const verdict = verifyAssertion({
    ...{ rpId: KEYHOLD_RP_ID, publicKey, signCount, clientDataHash, requireUserVerification: uv },
    authData: answer.authData,
    signature: answer.signature,
  });
  if (!verdict.verified) throw refusal(verdict, device);
  return { userVerified: verdict.userVerified, signCount: verdict.signCount };
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

function refusal(verdict: AssertionVerdict & { verified: false }, { name }: PluggedIn): KeyholdError {
  if (verdict.flaw === 'Cloned') {
    return new KeyholdError(
      'DeviceFault',
      `The counter of ${name} went back: there may be a second key with the same secret. Enrol another key and remove this one.`,
    );
  }
  return new KeyholdError(
    'DeviceFault',
    `What ${name} answered does not verify (${verdict.flaw}). Use the key that was enrolled, or enrol it again.`,
  );
}
