import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import {
  choosePinUvProtocol,
  getKeyAgreement,
  getPinRetries,
  getTokenUsingPin,
  getTokenUsingUv,
  PIN_PERMISSION,
} from '../fido/client-pin.ts';
import type { AuthenticatorInfo } from '../fido/get-info.ts';
import type { P256Point, PinUvAuth, PinUvProtocol } from '../fido/pin-uv.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { type FidoKey, touching } from './fido-key.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** An exchange of the HSM process with a security key that is open. */
export interface PinUvSession {
  handle: string;
  protocol: PinUvProtocol;
  platformKey: P256Point;
}

/** How the person was verified, as a request to the security key says it. Empty: not at all. */
export type Verified = { auth: PinUvAuth } | { builtInVerification: true } | Record<string, never>;

export interface VerifyRequest {
  permissions: readonly (keyof typeof PIN_PERMISSION)[];
  rpId?: string;
  pin?: Sealed;
}

/** The caller ends the session's handle. */
export async function beginPinUv(
  hsm: Hsm,
  { channel, device }: FidoKey,
  info: AuthenticatorInfo,
  use: KeyUse,
): Promise<PinUvSession> {
  const protocol = choosePinUvProtocol(info);
  if (protocol === null) {
    throw new KeyholdError(
      'DeviceUnsupported',
      `${device.name} has no way to keep a PIN secret on its way. Use another security key.`,
    );
  }
  const authenticatorKey = await getKeyAgreement(channel, protocol, { signal: use.signal });
  const { handle, platformKey } = await hsm.call('pinUvBegin', { protocol, authenticatorKey });
  return { handle, protocol, platformKey };
}

/** Never rejects: an HSM process that is gone has forgotten it. */
export async function endPinUv({ ports }: SecurityKeys, hsm: Hsm, handle: string): Promise<void> {
  await hsm.call('pinUvEnd', { handle }).catch((error: unknown) => ports.log.info('an exchange ended', { error }));
}

/** Whether the device can verify its person now, and how. */
export function verification({ options }: AuthenticatorInfo): 'finger' | 'pin' | null {
  if (options.get('uv') === true) return 'finger';
  return options.get('clientPin') === true ? 'pin' : null;
}

/** It does nothing for a touch alone (CTAP 2.1, section 7.2): a YubiKey Bio, a FIPS model, or one that was set so. */
export function alwaysVerifies({ options }: AuthenticatorInfo): boolean {
  return options.get('alwaysUv') === true;
}

/** It does nothing without a PIN, not even where there is nobody to type one: it can open no gate. */
export function alwaysWantsPin(info: AuthenticatorInfo): boolean {
  return alwaysVerifies(info) && verification(info) !== 'finger';
}

/**
 * Has the security key verify its person, with a PIN where one is given, else with its own reader. `PinRequired` says how many tries are left; `PinNotSet` where the device has neither
 * yet.
 */
export async function verifyPerson(
  hsm: Hsm,
  key: FidoKey,
  info: AuthenticatorInfo,
  use: KeyUse,
  { handle, protocol, platformKey }: PinUvSession,
  { permissions, rpId, pin }: VerifyRequest,
): Promise<Verified> {
  const way = verification(info);
  if (way === null) throw noVerification(key, info);
  const bits = permissions.reduce((sum, name) => sum + PIN_PERMISSION[name], 0);
  const request = { protocol, platformKey, permissions: bits, rpId };
  const auth: PinUvAuth = {
    protocol,
    authenticate: async (message) => (await hsm.call('pinUvAuthenticate', { handle, message })).pinUvAuthParam,
  };
  if (pin === undefined && way === 'finger') {
    // Where it gives no token for a finger, it wants the finger with each request.
    if (info.options.get('pinUvAuthToken') !== true) return { builtInVerification: true };
    const { id, name } = key.device;
    use.ask('verify', [{ id, name }], `Put your finger on ${name}.`);
    const token = await getTokenUsingUv(key.channel, request, { ...touching(use, key.device), signal: use.signal });
    use.asked();
    await hsm.call('pinUvToken', { handle, token });
    return { auth };
  }
  if (pin === undefined) throw await pinRequired(key, protocol, use);
  if (info.forcePinChange) {
    throw new KeyholdError('PinPolicy', `${key.device.name} wants its PIN changed first: keyhold mfa pin.`);
  }
  const { pinHashEnc } = await hsm.call('pinUvPinHash', { handle, pin });
  const token = await getTokenUsingPin(key.channel, info, { ...request, pinHashEnc }, { signal: use.signal });
  await hsm.call('pinUvToken', { handle, token });
  return { auth };
}

async function pinRequired({ channel, device }: FidoKey, protocol: PinUvProtocol, use: KeyUse): Promise<KeyholdError> {
  const { retries, powerCycle } = await getPinRetries(channel, protocol, { signal: use.signal });
  if (retries === 0) {
    return new KeyholdError(
      'PinBlocked',
      `The PIN of ${device.name} was wrong too often: only a reset of the security key helps now.`,
    );
  }
  if (powerCycle) {
    return new KeyholdError(
      'PinAuthBlocked',
      `The PIN of ${device.name} was wrong three times: pull it out and plug it in again.`,
    );
  }
  return new KeyholdError('PinRequired', `Enter the PIN of ${device.name}.`, { retries });
}

function noVerification({ device }: FidoKey, { options }: AuthenticatorInfo): KeyholdError {
  if (options.has('clientPin')) {
    return new KeyholdError('PinNotSet', `${device.name} has no PIN yet. Set one first: keyhold mfa pin.`);
  }
  return new KeyholdError(
    'DeviceUnsupported',
    `${device.name} cannot tell whether it is you. Use it together with a password, or use another security key.`,
  );
}
