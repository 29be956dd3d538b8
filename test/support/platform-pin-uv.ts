import { utf8 } from '../../src/core/crypto/bytes.ts';
import { createPlatformPinUv, type PlatformPinUv } from '../../src/core/crypto/pin-uv-protocol.ts';
import { systemRandom } from '../../src/core/crypto/random.ts';
import { getKeyAgreement, getTokenUsingPin, setPin } from '../../src/core/fido/client-pin.ts';
import type { CtapHid } from '../../src/core/fido/ctaphid.ts';
import type { AuthenticatorInfo } from '../../src/core/fido/get-info.ts';
import type { HmacSecretInput, PinUvAuth, PinUvProtocol } from '../../src/core/fido/pin-uv.ts';

/** Agrees on a key with the security key, as the HSM process does. */
export async function agreeWith(channel: CtapHid, protocol: PinUvProtocol): Promise<PlatformPinUv> {
  return createPlatformPinUv(protocol, await getKeyAgreement(channel, protocol), systemRandom);
}

export async function setFirstPin(channel: CtapHid, protocol: PinUvProtocol, pin: string): Promise<void> {
  const platform = await agreeWith(channel, protocol);
  const { platformKey } = platform;
  await setPin(channel, { protocol, platformKey, ...platform.setPin(utf8(pin)) });
}

/** What a PIN buys: something to authenticate with. */
export async function authWith(
  channel: CtapHid,
  info: AuthenticatorInfo,
  protocol: PinUvProtocol,
  pin: string,
  permissions: number,
  rpId?: string,
): Promise<PinUvAuth> {
  const platform = await agreeWith(channel, protocol);
  const { platformKey } = platform;
  const request = { protocol, platformKey, permissions, rpId, ...platform.pinHash(utf8(pin)) };
  platform.acceptToken(await getTokenUsingPin(channel, info, request));
  return { protocol, authenticate: async (message) => platform.authenticate(message) };
}

export function hmacSecretOf(platform: PlatformPinUv, salts: readonly Uint8Array[]): HmacSecretInput {
  const { protocol, platformKey } = platform;
  return { protocol, platformKey, ...platform.hmacSecretInput(salts) };
}
