import { KeyholdError } from '../../src/contract/errors.ts';
import type { MethodName } from '../../src/contract/methods.ts';
import type { DeviceCredential, SecurityKey, SecurityKeyDevice, SecurityKeyInfo } from '../../src/contract/mfa.ts';
import type { MfaPrompt, SlotInfo } from '../../src/contract/schemas.ts';

const DAY = 86_400_000;

/** What a fake vault knows of security keys, and what is plugged in. */
export interface FakeMfa {
  slots: SlotInfo[];
  keys: SecurityKey[];
  devices: SecurityKeyDevice[];
  /** By the device's id; an error is what asking it says. */
  infos: Map<string, SecurityKeyInfo | KeyholdError>;
  /** Those that are kept on whichever device is asked. */
  credentials: DeviceCredential[];
  problem: string | null;
  prompts: MfaPrompt[];
}

const ago = (now: number, ms: number): string => new Date(now - ms).toISOString();

export const FIDO_INFO: Extract<SecurityKeyInfo, { kind: 'fido' }> = {
  kind: 'fido',
  fido2: true,
  versions: ['U2F_V2', 'FIDO_2_0', 'FIDO_2_1'],
  extensions: ['credProtect', 'hmac-secret'],
  aaguid: '2fc0579f811347eab116bb5a8db9202a',
  firmware: '5.7.1',
  pin: 'set',
  pinRetries: 8,
  pinNeedsReplug: false,
  minPinLength: 4,
  builtInVerification: 'unsupported',
  canUnlock: true,
  managesCredentials: true,
  remainingCredentials: 93,
};

export function emptyMfa(now = Date.now()): FakeMfa {
  return {
    slots: [
      {
        id: '1',
        label: 'Password',
        factors: ['password'],
        createdAt: ago(now, 40 * DAY),
        kdf: { memoryKiB: 262_144, passes: 3, parallelism: 1 },
      },
      {
        id: '2',
        label: 'Recovery code',
        factors: ['recovery-code'],
        createdAt: ago(now, 40 * DAY),
        kdf: { memoryKiB: 65_536, passes: 3, parallelism: 1 },
      },
    ],
    keys: [],
    devices: [],
    infos: new Map(),
    credentials: [],
    problem: null,
    prompts: [],
  };
}

/** Two keys of the vault, one of which opens it, and three interfaces that are plugged in. */
export function sampleMfa(rows: number, now = Date.now()): FakeMfa {
  const mfa = emptyMfa(now);
  if (rows === 0) return mfa;
  mfa.slots.push(
    {
      id: '3',
      label: 'blue',
      factors: ['password', 'fido2'],
      createdAt: ago(now, 12 * DAY),
      kdf: { memoryKiB: 262_144, passes: 3, parallelism: 1 },
      userVerification: true,
    },
    {
      id: '4',
      label: 'desk',
      factors: ['yubikey-hmac-sha1', 'password'],
      createdAt: ago(now, 3 * DAY),
      kdf: { memoryKiB: 262_144, passes: 3, parallelism: 1 },
      yubikey: { serial: 18_472_905, otpSlot: 2 },
    },
  );
  mfa.keys = [
    {
      id: '5'.padEnd(32, '0'),
      name: 'blue',
      kind: 'fido2',
      credentialId: 'c4e19a'.repeat(12),
      aaguid: '2fc0579f811347eab116bb5a8db9202a',
      model: 'Yubico YubiKey OTP+FIDO+CCID',
      attestation: 'packed, basic: CN=Yubico U2F EE Serial 1432534688, O=Yubico AB, C=SE',
      userVerification: true,
      canUnlock: true,
      signCount: 214,
      createdAt: ago(now, 12 * DAY),
      lastUsedAt: ago(now, 3 * 3_600_000),
      slots: [{ id: '3', label: 'blue' }],
    },
    {
      id: '5'.padEnd(31, '0').concat('1'),
      name: 'safe at home',
      kind: 'fido2',
      credentialId: '07bd52'.repeat(12),
      aaguid: '30303030303030303030303030303030',
      model: 'SoloKeys Solo 2 Security Key',
      attestation: 'packed, self',
      userVerification: true,
      canUnlock: true,
      signCount: 0,
      createdAt: ago(now, 11 * DAY),
      slots: [],
    },
  ];
  const device = (id: string, kind: 'fido' | 'otp', name: string, vendorId: number): SecurityKeyDevice => ({
    id: id.padEnd(16, '0'),
    kind,
    name,
    serialNumber: null,
    vendorId,
    productId: 0x0407,
  });
  mfa.credentials = [
    { credentialId: 'aa'.repeat(32), rpId: 'github.com', userName: 'alice', userDisplayName: 'Alice Example' },
    { credentialId: 'bb'.repeat(32), rpId: 'example.org', userName: null, userDisplayName: null },
  ];
  const [fido, otp, old] = [
    device('a1', 'fido', 'Yubico YubiKey OTP+FIDO+CCID', 0x1050),
    device('a2', 'otp', 'Yubico YubiKey OTP+FIDO+CCID', 0x1050),
    device('b1', 'fido', 'ConorCo U2F Zero', 0x10c4),
  ];
  mfa.devices = [fido, otp, old];
  mfa.infos.set(fido.id, FIDO_INFO);
  mfa.infos.set(otp.id, { kind: 'otp', firmware: '5.7.1', serial: 18_472_905, slots: [false, true] });
  mfa.infos.set(
    old.id,
    new KeyholdError(
      'DeviceDenied',
      'You have no rights to /dev/hidraw4: as root, copy resources/udev/70-keyhold.rules of Keyhold to /etc/udev/rules.d, run “udevadm control --reload” and plug the key in again.',
    ),
  );
  return mfa;
}

function needPin(pin: unknown): void {
  if (pin === undefined) throw new KeyholdError('PinRequired', 'The security key wants its PIN.');
}

/** Reads work; whatever would need a touch waits for ever, as one that nobody touches. */
export function fakeMfaHandlers(
  mfa: FakeMfa,
): Partial<Record<MethodName, (params: Record<string, unknown>) => unknown>> {
  const waiting: ((error: KeyholdError) => void)[] = [];
  return {
    'slot.list': () => ({ slots: mfa.slots }),
    'mfa.ways': () => ({ ways: mfa.slots }),
    // Nobody touches it.
    'mfa.test': () => new Promise((_resolve, reject) => waiting.push(reject)),
    'mfa.credentials': ({ device, pin }) => {
      needPin(pin);
      return { device: mfa.devices.find(({ id }) => id === device), credentials: mfa.credentials, remaining: 93 };
    },
    'mfa.removeCredential': ({ pin, credentialId }) => {
      needPin(pin);
      mfa.credentials = mfa.credentials.filter((one) => one.credentialId !== credentialId);
      return {};
    },
    'mfa.keys': () => ({ keys: mfa.keys }),
    'mfa.prompts': () => ({ prompts: mfa.prompts }),
    'mfa.cancel': () => {
      const given = waiting.splice(0);
      for (const giveUp of given) giveUp(new KeyholdError('Cancelled', 'It was given up.'));
      return { cancelled: given.length };
    },
    'mfa.devices': () => ({ devices: mfa.devices, ...(mfa.problem === null ? {} : { problem: mfa.problem }) }),
    'mfa.info': ({ device: id }) => {
      const device = mfa.devices.find((one) => one.id === id);
      const info = mfa.infos.get(String(id));
      if (info instanceof KeyholdError) throw info;
      if (device === undefined || info === undefined) {
        throw new KeyholdError('DeviceGone', 'The security key was pulled out; plug it in and try again.');
      }
      return { device, info };
    },
  };
}
