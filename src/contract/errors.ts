/**
 * Every way a contract call can fail. A code is stable and for programs; the message is one sentence for the person and
 * says what to do next. `details` never carries a secret.
 */
export const ERROR_CODES = [
  'NotInitialized', // no vault in this folder yet
  'AlreadyInitialized',
  'Locked',
  'SignInRequired', // only a person can renew it: keyhold login; details.signIn is its name
  'WrongSecret', // password or recovery code did not open the vault; never says which slot
  'TooManyAttempts', // details.retryAfterSeconds
  'StaleSealKey', // sealed to an HSM process that has ended: fetch hsm.sealKey again and retry
  'InvalidInput',
  'NotFound',
  'AlreadyExists',
  'InUse', // something depends on what would be removed; details.dependents
  'LastSlot', // the last way in can never be removed
  'VaultBusy', // another process holds the vault; details.holder
  'VaultForeign', // not a Keyhold vault
  'VaultTooNew', // written by a newer version
  'VaultCorrupt', // the file's structure is damaged
  'VaultTampered', // a row was edited, deleted, swapped or rolled back; details.findings
  'VaultRolledBack', // the whole file is older than the one last opened here
  'VaultLost', // the vault file is gone; details.copies says where its mirrors are and why they cannot be used, details.backup which backup is newest
  'AccountFileForeign', // not an account file
  'AccountFileTooNew', // written by a newer version
  'AccountFileDamaged', // cut off, edited or put together anew
  'VaultReadOnly',
  'DiskFull',
  'PortInUse',
  'HsmCrashed',
  'HsmRefused', // an object's usage or policy forbids the operation
  'HsmLoginRequired', // an HSM user has to log in, or the one who is logged in may not do it
  'QuorumRequired', // not enough crypto officers have approved it; details.service, details.required, details.officers, details.token
  'TouchRequired', // the use of a key wants a security key to be touched; details.object, details.keys, details.withinSeconds
  'InvalidCiphertext', // does not decrypt with this key in this context, or was changed
  'InvalidKeyMaterial', // imported bytes that are no key of the wanted spec
  'ServiceRefused', // a local account's service answered with an AWS error; details.name is its name (`NotFoundException`)
  'TokenUnavailable', // a PKCS#11 token is not there, or its process ended; details.retryAfterSeconds where it is known
  'TokenPinRefused', // the token does not take the PIN, or has locked it; never tried again by itself
  'DeviceGone', // a security key was pulled out
  'DeviceBusy', // another program holds the security key
  'DeviceDenied', // this person has no rights to the security key; the message says how to get them
  'HidUnavailable', // this machine's HID devices cannot be reached at all; the message says what is missing
  'DeviceUnsupported', // the security key cannot do what was asked
  'DeviceFault', // the security key answered what no security key may answer, or nothing
  'PinRequired', // the security key wants its PIN first
  'PinWrong', // details.retries: how many more the security key allows
  'PinBlocked', // the security key takes no PIN any more; only a reset helps
  'PinAuthBlocked', // three wrong PINs in a row: the security key has to be plugged in again
  'PinNotSet', // the security key has no PIN yet
  'PinPolicy', // the new PIN is too short, too long, or not one that the security key takes
  'TouchTimeout', // nobody touched the security key in time
  'TouchRefused', // the person, or the security key, said no
  'NoCredential', // the security key has no credential for this
  'CredentialExcluded', // the security key is enrolled already
  'Cancelled', // the person or the caller called it off
  'Unsupported',
  'Unauthorized', // the web page's or socket's caller is not allowed in
  'Timeout',
  'Unreachable', // no daemon, or the upstream cannot be reached
  'Internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The wire form of an error. */
export interface WireError {
  code: ErrorCode;
  message: string;
  details?: Record<string, unknown>;
}

const BRAND = Symbol.for('keyhold.error');

/**
 * `instanceof KeyholdError` knows every KeyholdError by its brand: the CLI, the daemon and the HSM process are bundles of their own, each with its own
 * copy of this class, and `keyhold serve` has two of them in one process.
 */
export class KeyholdError extends Error {
  static {
    Object.defineProperty(KeyholdError.prototype, BRAND, { value: true });
    Object.defineProperty(KeyholdError, Symbol.hasInstance, { value: isInstance });
  }

  override readonly name = 'KeyholdError';
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  toWire(): WireError {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details };
  }

  static fromWire(wire: WireError): KeyholdError {
    return new KeyholdError(wire.code, wire.message, wire.details);
  }
}

/** Of KeyholdError itself by brand, of a class derived from it as everywhere. */
function isInstance(this: unknown, value: unknown): boolean {
  if (this !== KeyholdError) return Function.prototype[Symbol.hasInstance].call(this, value);
  return typeof value === 'object' && value !== null && BRAND in value;
}

/** Any thrown value as a wire error. What is not a KeyholdError becomes `Internal` and keeps its text to itself. */
export function toWireError(error: unknown): WireError {
  if (error instanceof KeyholdError) return error.toWire();
  return { code: 'Internal', message: 'Something went wrong inside Keyhold. The daemon log has the details.' };
}
