import type { SecurityKeyInfo } from '../../contract/mfa.ts';
import { toHex } from '../crypto/bytes.ts';
import { choosePinUvProtocol, getPinRetries, type PinRetries } from '../fido/client-pin.ts';
import type { AuthenticatorInfo } from '../fido/get-info.ts';
import { u2fVersion } from '../fido/u2f.ts';
import type { PluggedIn } from './devices.ts';
import { withFidoKey } from './fido-key.ts';
import type { KeyUse } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';
import { yubikeyStatus } from './yubikey.ts';

/** What the device says of itself, without a touch. */
export function readInfo(keys: SecurityKeys, use: KeyUse, device: PluggedIn): Promise<SecurityKeyInfo> {
  if (device.kind === 'otp') return readOtp(keys, use, device);
  return withFidoKey(keys, use, device, async ({ channel, info }) => {
    const { major, minor, build } = channel.version;
    const firmware = `${major}.${minor}.${build}`;
    if (info === null) {
      const version = await u2fVersion(channel, { signal: use.signal });
      return { ...U2F, versions: [version], extensions: [], firmware };
    }
    const protocol = choosePinUvProtocol(info);
    const hasPin = info.options.get('clientPin') === true;
    const tries = hasPin && protocol !== null ? await getPinRetries(channel, protocol, { signal: use.signal }) : null;
    return {
      kind: 'fido',
      fido2: true,
      versions: [...info.versions],
      extensions: [...info.extensions],
      aaguid: toHex(info.aaguid),
      firmware,
      pin: pinState(info, tries),
      pinRetries: tries?.retries ?? null,
      pinNeedsReplug: tries?.powerCycle ?? false,
      minPinLength: info.options.has('clientPin') ? info.minPinLength : null,
      builtInVerification: stateOf(info.options.get('uv')),
      canUnlock: info.extensions.includes('hmac-secret'),
      managesCredentials: info.options.get('credMgmt') === true || info.options.get('credentialMgmtPreview') === true,
      remainingCredentials: info.remainingDiscoverableCredentials,
    };
  });
}

const U2F = {
  kind: 'fido',
  fido2: false,
  aaguid: null,
  pin: 'unsupported',
  pinRetries: null,
  pinNeedsReplug: false,
  minPinLength: null,
  builtInVerification: 'unsupported',
  canUnlock: false,
  managesCredentials: false,
  remainingCredentials: null,
} as const;

function pinState(info: AuthenticatorInfo, tries: PinRetries | null): 'unsupported' | 'unset' | 'set' | 'blocked' {
  return tries?.retries === 0 ? 'blocked' : stateOf(info.options.get('clientPin'));
}

/** Absent, false and true of an option (CTAP 2.1, section 6.4). */
function stateOf(option: boolean | undefined): 'unsupported' | 'unset' | 'set' {
  if (option === undefined) return 'unsupported';
  return option ? 'set' : 'unset';
}

async function readOtp(keys: SecurityKeys, use: KeyUse, device: PluggedIn): Promise<SecurityKeyInfo> {
  const { firmware, serial, slots } = await yubikeyStatus(keys, use, device);
  return { kind: 'otp', firmware, serial, slots };
}
