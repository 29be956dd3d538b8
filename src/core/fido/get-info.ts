import { isMap } from './answer.ts';
import { CTAP_COMMAND, ctap2 } from './ctap2.ts';
import type { CtapHid, ExchangeOptions } from './ctaphid.ts';
import { deviceFault } from './device-errors.ts';
import type { PinUvProtocol } from './pin-uv.ts';

/** What a security key says of itself (CTAP 2.1, section 6.4). */
export interface AuthenticatorInfo {
  /** `FIDO_2_1`, `FIDO_2_0`, `U2F_V2`… */
  versions: readonly string[];
  extensions: readonly string[];
  /** Its model, 16 bytes. */
  aaguid: Uint8Array;
  /** Absent, false and true mean three things, by option: for `clientPin`, cannot have one, has none, has one. */
  options: ReadonlyMap<string, boolean>;
  maxMsgSize: number;
  /** Those that Keyhold speaks, in the order the security key prefers them. */
  pinUvProtocols: readonly PinUvProtocol[];
  /** How many credential ids it takes at once; null when it does not say. */
  maxCredentialCountInList: number | null;
  maxCredentialIdLength: number | null;
  transports: readonly string[];
  /** COSE numbers; empty when it does not say, which means ES256. */
  algorithms: readonly number[];
  /** It does nothing with its PIN before that was changed. */
  forcePinChange: boolean;
  /** In code points. */
  minPinLength: number;
  firmwareVersion: number | null;
  remainingDiscoverableCredentials: number | null;
}

const MEMBER = {
  versions: 0x01,
  extensions: 0x02,
  aaguid: 0x03,
  options: 0x04,
  maxMsgSize: 0x05,
  pinUvAuthProtocols: 0x06,
  maxCredentialCountInList: 0x07,
  maxCredentialIdLength: 0x08,
  transports: 0x09,
  algorithms: 0x0a,
  forcePinChange: 0x0c,
  minPinLength: 0x0d,
  firmwareVersion: 0x0e,
  remainingDiscoverableCredentials: 0x14,
} as const;

const AAGUID_BYTES = 16;
/** What CTAP has for those that do not say. */
const DEFAULT_MESSAGE_BYTES = 1024;
const DEFAULT_PIN_LENGTH = 4;

export async function getInfo(channel: CtapHid, options?: ExchangeOptions): Promise<AuthenticatorInfo> {
  const answer = await ctap2(channel, CTAP_COMMAND.getInfo, null, options);
  const aaguid = answer.bytes(MEMBER.aaguid);
  if (aaguid.length !== AAGUID_BYTES) throw deviceFault('has a model number of a wrong length');
  return {
    versions: answer.texts(MEMBER.versions),
    extensions: answer.texts(MEMBER.extensions),
    aaguid: aaguid.slice(),
    options: optionsOf(answer.maybeMap(MEMBER.options)?.members ?? new Map()),
    maxMsgSize: answer.maybeNumber(MEMBER.maxMsgSize) ?? DEFAULT_MESSAGE_BYTES,
    pinUvProtocols: answer.numbers(MEMBER.pinUvAuthProtocols).filter(isKnown),
    maxCredentialCountInList: answer.maybeNumber(MEMBER.maxCredentialCountInList),
    maxCredentialIdLength: answer.maybeNumber(MEMBER.maxCredentialIdLength),
    transports: answer.texts(MEMBER.transports),
    algorithms: answer.list(MEMBER.algorithms).flatMap((one) => {
      const number = isMap(one) ? one.get('alg') : undefined;
      return typeof number === 'number' ? [number] : [];
    }),
    forcePinChange: answer.maybeBoolean(MEMBER.forcePinChange) ?? false,
    minPinLength: answer.maybeNumber(MEMBER.minPinLength) ?? DEFAULT_PIN_LENGTH,
    firmwareVersion: answer.maybeNumber(MEMBER.firmwareVersion),
    remainingDiscoverableCredentials: answer.maybeNumber(MEMBER.remainingDiscoverableCredentials),
  };
}

function isKnown(protocol: number): protocol is PinUvProtocol {
  return protocol === 1 || protocol === 2;
}

function optionsOf(members: ReadonlyMap<unknown, unknown>): ReadonlyMap<string, boolean> {
  const options = new Map<string, boolean>();
  for (const [name, value] of members) {
    if (typeof name === 'string' && typeof value === 'boolean') options.set(name, value);
  }
  return options;
}
