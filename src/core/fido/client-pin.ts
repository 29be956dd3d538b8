import { KeyholdError } from '../../contract/errors.ts';
import type { Answer } from './answer.ts';
import { type CborEntry, cborMap } from './cbor.ts';
import { agreementKey, readAgreementKey } from './cose-key.ts';
import { CTAP_COMMAND, ctap2 } from './ctap2.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { deviceFault } from './device-errors.ts';
import type { AuthenticatorInfo } from './get-info.ts';
import type { P256Point, PinUvProtocol } from './pin-uv.ts';

/** authenticatorClientPIN (CTAP 2.1, section 6.5). PINs and tokens pass as ciphertexts that only the security key and the HSM process can read. */

/** Bits of what a token is good for (section 6.5.5.7). */
export const PIN_PERMISSION = { makeCredential: 0x01, getAssertion: 0x02, credentialManagement: 0x04 } as const;

export interface PinRetries {
  /** How many more wrong PINs the security key takes. */
  retries: number;
  /** Whether it has to be plugged in again before the next try. */
  powerCycle: boolean;
}

export interface TokenRequest {
  protocol: PinUvProtocol;
  platformKey: P256Point;
  /** Sum of `PIN_PERMISSION`. */
  permissions: number;
  /** Needed for makeCredential and getAssertion. */
  rpId?: string | undefined;
}

const SUBCOMMAND = {
  getPinRetries: 0x01,
  getKeyAgreement: 0x02,
  setPin: 0x03,
  changePin: 0x04,
  getPinToken: 0x05,
  getTokenUsingUv: 0x06,
  getUvRetries: 0x07,
  getTokenUsingPin: 0x09,
} as const;

const REQUEST = {
  pinUvAuthProtocol: 0x01,
  subCommand: 0x02,
  keyAgreement: 0x03,
  pinUvAuthParam: 0x04,
  newPinEnc: 0x05,
  pinHashEnc: 0x06,
  permissions: 0x09,
  rpId: 0x0a,
} as const;

const RESPONSE = { keyAgreement: 0x01, token: 0x02, pinRetries: 0x03, powerCycle: 0x04, uvRetries: 0x05 } as const;

/** The protocol to speak with this security key; null when it knows none that Keyhold does. */
export function choosePinUvProtocol(info: AuthenticatorInfo): PinUvProtocol | null {
  // Those of CTAP 2.0 that have a PIN need not say how to speak of it.
  if (info.pinUvProtocols.length === 0) return info.options.has('clientPin') ? 1 : null;
  return info.pinUvProtocols.includes(2) ? 2 : 1;
}

/** The security key's public key, good until it is unplugged or a PIN is wrong. */
export async function getKeyAgreement(
  channel: CtapHid,
  protocol: PinUvProtocol,
  options?: ExchangeOptions,
): Promise<P256Point> {
  const answer = await clientPin(channel, SUBCOMMAND.getKeyAgreement, protocol, [], options);
  const point = readAgreementKey(answer.members.get(RESPONSE.keyAgreement));
  if (point === null) throw deviceFault('sent a key that is none');
  return { x: point.x.slice(), y: point.y.slice() };
}

export async function getPinRetries(
  channel: CtapHid,
  protocol: PinUvProtocol,
  options?: ExchangeOptions,
): Promise<PinRetries> {
  const answer = await clientPin(channel, SUBCOMMAND.getPinRetries, protocol, [], options);
  return {
    retries: answer.number(RESPONSE.pinRetries),
    powerCycle: answer.maybeBoolean(RESPONSE.powerCycle) ?? false,
  };
}

/** How many more wrong fingers the security key takes before it wants the PIN. */
export async function getUvRetries(
  channel: CtapHid,
  protocol: PinUvProtocol,
  options?: ExchangeOptions,
): Promise<number> {
  const answer = await clientPin(channel, SUBCOMMAND.getUvRetries, protocol, [], options);
  return answer.number(RESPONSE.uvRetries);
}

/** The first PIN of a security key that has none. */
export async function setPin(
  channel: CtapHid,
  request: { protocol: PinUvProtocol; platformKey: P256Point; newPinEnc: Uint8Array; pinUvAuthParam: Uint8Array },
  options?: ExchangeOptions,
): Promise<void> {
  const { protocol, platformKey, newPinEnc, pinUvAuthParam } = request;
  await clientPin(
    channel,
    SUBCOMMAND.setPin,
    protocol,
    [
      [REQUEST.keyAgreement, agreementKey(platformKey)],
      [REQUEST.pinUvAuthParam, pinUvAuthParam],
      [REQUEST.newPinEnc, newPinEnc],
    ],
    options,
  );
}

/** `PinWrong` says how many tries are left. */
export async function changePin(
  channel: CtapHid,
  request: {
    protocol: PinUvProtocol;
    platformKey: P256Point;
    pinHashEnc: Uint8Array;
    newPinEnc: Uint8Array;
    pinUvAuthParam: Uint8Array;
  },
  options?: ExchangeOptions,
): Promise<void> {
  const { protocol, platformKey, pinHashEnc, newPinEnc, pinUvAuthParam } = request;
  await countingRetries(channel, protocol, () =>
    clientPin(
      channel,
      SUBCOMMAND.changePin,
      protocol,
      [
        [REQUEST.keyAgreement, agreementKey(platformKey)],
        [REQUEST.pinUvAuthParam, pinUvAuthParam],
        [REQUEST.newPinEnc, newPinEnc],
        [REQUEST.pinHashEnc, pinHashEnc],
      ],
      options,
    ),
  );
}

/** The enciphered pinUvAuthToken for a PIN: with permissions where the security key knows them. `PinWrong` says how many tries are left. */
export async function getTokenUsingPin(
  channel: CtapHid,
  info: AuthenticatorInfo,
  request: TokenRequest & { pinHashEnc: Uint8Array },
  options?: ExchangeOptions,
): Promise<Uint8Array> {
  const { protocol, platformKey, permissions, rpId, pinHashEnc } = request;
  const limited = info.options.get('pinUvAuthToken') === true;
  const answer = await countingRetries(channel, protocol, () =>
    clientPin(
      channel,
      limited ? SUBCOMMAND.getTokenUsingPin : SUBCOMMAND.getPinToken,
      protocol,
      [
        [REQUEST.keyAgreement, agreementKey(platformKey)],
        [REQUEST.pinHashEnc, pinHashEnc],
        [REQUEST.permissions, limited ? permissions : undefined],
        [REQUEST.rpId, limited ? rpId : undefined],
      ],
      options,
    ),
  );
  return answer.bytes(RESPONSE.token).slice();
}

/** The same for a finger at the security key itself. */
export async function getTokenUsingUv(
  channel: CtapHid,
  request: TokenRequest,
  options?: ExchangeOptions,
): Promise<Uint8Array> {
  const { protocol, platformKey, permissions, rpId } = request;
  const answer = await clientPin(
    channel,
    SUBCOMMAND.getTokenUsingUv,
    protocol,
    [
      [REQUEST.keyAgreement, agreementKey(platformKey)],
      [REQUEST.permissions, permissions],
      [REQUEST.rpId, rpId],
    ],
    options,
  );
  return answer.bytes(RESPONSE.token).slice();
}

function clientPin(
  channel: CtapHid,
  subCommand: number,
  protocol: PinUvProtocol,
  members: readonly CborEntry[],
  options: ExchangeOptions | undefined,
): Promise<Answer> {
  const parameters = cborMap([REQUEST.pinUvAuthProtocol, protocol], [REQUEST.subCommand, subCommand], ...members);
  return ctap2(channel, CTAP_COMMAND.clientPin, parameters, options);
}

/** A wrong PIN with the number of tries that are left, which the person has to know before the next one. */
async function countingRetries<T>(channel: CtapHid, protocol: PinUvProtocol, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code !== 'PinWrong') throw error;
    const { retries } = await getPinRetries(channel, protocol);
    const left = retries === 1 ? 'one try is left' : `${retries} tries are left`;
    throw new KeyholdError('PinWrong', `The PIN is wrong: ${left}.`, { retries });
  }
}
