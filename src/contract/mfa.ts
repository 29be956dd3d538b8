import { z } from 'zod';
import { method } from './method.ts';
import { Instant, MfaPrompt, Name, RecordId, Sealed, Secret, SecurityKeyDeviceId, SlotInfo } from './schemas.ts';

const none = z.strictObject({});
const done = z.strictObject({});
const Device = SecurityKeyDeviceId.optional();
/** A security key's PIN, sealed for the purpose `security-key-pin`. */
const Pin = Sealed;

/** A device that is plugged in. One key may be two of them: its FIDO interface and its one-time-password interface. */
export const SecurityKeyDevice = z.object({
  /** Holds until the device is unplugged. */
  id: SecurityKeyDeviceId,
  /** `fido`: FIDO2 or U2F. `otp`: challenge-response as of YubiKeys. */
  kind: z.enum(['fido', 'otp']),
  /** For people: `YubiKey OTP+FIDO+CCID (Yubico)`. */
  name: z.string(),
  serialNumber: z.string().nullable(),
  vendorId: z.int(),
  productId: z.int(),
});
export type SecurityKeyDevice = z.infer<typeof SecurityKeyDevice>;

/** What a FIDO device says of itself. */
const FidoInfo = z.object({
  kind: z.literal('fido'),
  /** False: U2F alone, which can be touched but cannot unlock a vault. */
  fido2: z.boolean(),
  versions: z.array(z.string()),
  extensions: z.array(z.string()),
  aaguid: z.string().nullable(),
  firmware: z.string().nullable(),
  /** `unsupported`: there is no PIN on this device. `blocked`: only a reset helps. */
  pin: z.enum(['unsupported', 'unset', 'set', 'blocked']),
  pinRetries: z.int().nullable(),
  /** Wrong PINs in a row: it has to be unplugged before another one is tried. */
  pinNeedsReplug: z.boolean(),
  minPinLength: z.int().nullable(),
  /** Verifies its person by itself, with a fingerprint for instance. */
  builtInVerification: z.enum(['unsupported', 'unset', 'set']),
  /** Can make unlock slots (the hmac-secret extension). */
  canUnlock: z.boolean(),
  /** Lists and removes the credentials that are kept on it. */
  managesCredentials: z.boolean(),
  remainingCredentials: z.int().nullable(),
});
const OtpInfo = z.object({
  kind: z.literal('otp'),
  firmware: z.string().nullable(),
  serial: z.int().nullable(),
  /** Whether slot 1 and slot 2 have something in them; null where the device does not say. */
  slots: z.tuple([z.boolean().nullable(), z.boolean().nullable()]),
});
export const SecurityKeyInfo = z.discriminatedUnion('kind', [FidoInfo, OtpInfo]);
export type SecurityKeyInfo = z.infer<typeof SecurityKeyInfo>;

/** A security key that the vault knows. */
export const SecurityKey = z.object({
  id: RecordId,
  name: Name,
  kind: z.enum(['fido2', 'u2f']),
  /** Hex, as the audit log names it. */
  credentialId: z.string(),
  /** Of its model; null for U2F keys. */
  aaguid: z.string().nullable(),
  model: z.string(),
  /** What it said of its maker when it was enrolled: shown, never required. */
  attestation: z.string(),
  /** It was enrolled with its PIN or fingerprint. */
  userVerification: z.boolean(),
  /** Can be in unlock slots. */
  canUnlock: z.boolean(),
  /** It does nothing without its PIN, and so opens no gate. */
  alwaysPin: z.literal(true).optional(),
  signCount: z.int(),
  createdAt: Instant,
  lastUsedAt: Instant.optional(),
  /** Unlock slots that it is part of. */
  slots: z.array(z.object({ id: z.string(), label: z.string() })),
});
export type SecurityKey = z.infer<typeof SecurityKey>;

/** A credential that is kept on a device (a passkey): Keyhold's own or of a web site. */
export const DeviceCredential = z.object({
  credentialId: z.string(),
  rpId: z.string(),
  userName: z.string().nullable(),
  userDisplayName: z.string().nullable(),
});
export type DeviceCredential = z.infer<typeof DeviceCredential>;

export const mfaMethods = {
  'mfa.devices': method(
    none,
    z.object({
      devices: z.array(SecurityKeyDevice),
      /** Why devices cannot be looked for at all, in a sentence that says what to do. */
      problem: z.string().optional(),
    }),
    'Security keys that are plugged in; for a minute after it, `changed: devices` tells of others',
  ),
  'mfa.info': method(
    z.strictObject({ device: Device, kind: SecurityKeyDevice.shape.kind.optional() }),
    z.object({ device: SecurityKeyDevice, info: SecurityKeyInfo }),
    'What a security key can do, and the state of its PIN; without a device, of the only one (of that kind)',
  ),
  'mfa.ways': method(
    none,
    z.object({ ways: z.array(SlotInfo) }),
    'Ways into the vault, without an unlock: what the unlock page can offer',
  ),
  'mfa.prompts': method(none, z.object({ prompts: z.array(MfaPrompt) }), 'What people are being asked to do right now'),
  'mfa.cancel': method(
    z.strictObject({ prompt: z.string().optional() }),
    z.object({ cancelled: z.int() }),
    'Give up what waits for a security key: one prompt, or all of them',
  ),

  'mfa.keys': method(none, z.object({ keys: z.array(SecurityKey) }), 'Security keys that the vault knows'),
  'mfa.enroll': method(
    z.strictObject({
      name: Name,
      device: Device,
      pin: Pin.optional(),
      /** With the PIN or fingerprint; false makes a credential that only needs to be touched. Default: true where the device can. */
      userVerification: z.boolean().optional(),
      authorize: Secret,
    }),
    SecurityKey,
    'Make a credential on a security key and remember it, for unlock slots and for gates',
  ),
  'mfa.rename': method(z.strictObject({ name: Name, rename: Name }), SecurityKey, 'Rename a security key'),
  'mfa.removeKey': method(
    z.strictObject({ name: Name, authorize: Secret }),
    done,
    'Forget a security key; not while an unlock slot needs it',
  ),
  'mfa.test': method(
    z.strictObject({
      /** A key that the vault knows; else only the touch is tested. */
      name: Name.optional(),
      device: Device,
      pin: Pin.optional(),
      /** `otp` devices: which slot is asked. */
      otpSlot: z.literal([1, 2]).optional(),
    }),
    z.object({
      device: SecurityKeyDevice,
      /** What was tested, in a sentence. */
      message: z.string(),
      userVerified: z.boolean(),
      milliseconds: z.int(),
    }),
    'Try a security key: it has to be touched and answer rightly',
  ),

  'mfa.setPin': method(z.strictObject({ device: Device, pin: Pin }), done, 'Give a security key its first PIN'),
  'mfa.changePin': method(
    z.strictObject({ device: Device, current: Pin, pin: Pin }),
    done,
    'Change the PIN of a security key',
  ),
  'mfa.credentials': method(
    z.strictObject({ device: Device, pin: Pin.optional() }),
    z.object({
      device: SecurityKeyDevice,
      credentials: z.array(DeviceCredential),
      remaining: z.int().nullable(),
    }),
    'Credentials that are kept on a security key',
  ),
  'mfa.removeCredential': method(
    z.strictObject({ device: Device, pin: Pin.optional(), credentialId: z.string().min(2).max(2048) }),
    done,
    'Remove a credential from a security key',
  ),
  'mfa.reset': method(
    z.strictObject({
      device: Device,
      /** The device's name, typed by the person. */
      confirm: z.string(),
    }),
    done,
    'Erase a security key: its PIN and all its credentials; it has to be plugged in anew and touched',
  ),

  'slot.addKey': method(
    z.strictObject({
      label: z.string().min(1).max(64),
      key: z.discriminatedUnion('kind', [
        /** One that the vault knows. */
        z.strictObject({ kind: z.literal('fido2'), name: Name, device: Device, pin: Pin.optional() }),
        /** A slot of a YubiKey-like device with an HMAC-SHA1 secret in it. */
        z.strictObject({ kind: z.literal('yubikey-hmac-sha1'), device: Device, otpSlot: z.literal([1, 2]) }),
      ]),
      /** Needed together with the key. Without one, the key alone opens the vault. */
      password: Sealed.optional(),
      /** The key alone shall do although nothing asks who holds it: has to be said for a YubiKey's HMAC-SHA1. */
      alone: z.boolean().optional(),
      authorize: Secret,
    }),
    SlotInfo,
    'Add an unlock slot that takes a security key, alone or with a password',
  ),
} as const;
