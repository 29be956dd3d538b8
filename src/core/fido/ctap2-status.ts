import { type ErrorCode, KeyholdError } from '../../contract/errors.ts';
import {
  cancelled,
  credentialExcluded,
  deviceBusy,
  deviceFault,
  deviceUnsupported,
  noCredential,
  touchTimeout,
} from './device-errors.ts';

/** CTAP status codes (CTAP 2.1, section 8.2), those that mean more to a person than that something went wrong. */
export const CTAP_STATUS = {
  OK: 0x00,
  INVALID_COMMAND: 0x01,
  TIMEOUT: 0x05,
  CHANNEL_BUSY: 0x06,
  LOCK_REQUIRED: 0x0a,
  LIMIT_EXCEEDED: 0x15,
  CREDENTIAL_EXCLUDED: 0x19,
  INVALID_CREDENTIAL: 0x22,
  UNSUPPORTED_ALGORITHM: 0x26,
  OPERATION_DENIED: 0x27,
  KEY_STORE_FULL: 0x28,
  UNSUPPORTED_OPTION: 0x2b,
  INVALID_OPTION: 0x2c,
  KEEPALIVE_CANCEL: 0x2d,
  NO_CREDENTIALS: 0x2e,
  USER_ACTION_TIMEOUT: 0x2f,
  NOT_ALLOWED: 0x30,
  PIN_INVALID: 0x31,
  PIN_BLOCKED: 0x32,
  PIN_AUTH_INVALID: 0x33,
  PIN_AUTH_BLOCKED: 0x34,
  PIN_NOT_SET: 0x35,
  PUAT_REQUIRED: 0x36,
  PIN_POLICY_VIOLATION: 0x37,
  PIN_TOKEN_EXPIRED: 0x38,
  REQUEST_TOO_LARGE: 0x39,
  ACTION_TIMEOUT: 0x3a,
  UP_REQUIRED: 0x3b,
  UV_BLOCKED: 0x3c,
  INVALID_SUBCOMMAND: 0x3e,
  UV_INVALID: 0x3f,
  UNAUTHORIZED_PERMISSION: 0x40,
} as const;

const error = (code: ErrorCode, message: string): KeyholdError => new KeyholdError(code, message);
const pinRequired = (): KeyholdError => error('PinRequired', 'Enter the PIN of the security key first.');
const cannot = (): KeyholdError => deviceUnsupported('do this');

const ERRORS: ReadonlyMap<number, () => KeyholdError> = new Map<number, () => KeyholdError>([
  [CTAP_STATUS.INVALID_COMMAND, cannot],
  [CTAP_STATUS.TIMEOUT, touchTimeout],
  [CTAP_STATUS.CHANNEL_BUSY, deviceBusy],
  [CTAP_STATUS.LOCK_REQUIRED, deviceBusy],
  [CTAP_STATUS.LIMIT_EXCEEDED, () => deviceUnsupported('take this many at once')],
  [CTAP_STATUS.CREDENTIAL_EXCLUDED, credentialExcluded],
  [CTAP_STATUS.INVALID_CREDENTIAL, noCredential],
  [CTAP_STATUS.UNSUPPORTED_ALGORITHM, () => deviceUnsupported('make a key of a kind that Keyhold knows')],
  [
    CTAP_STATUS.OPERATION_DENIED,
    () => error('TouchRefused', 'It was refused at the security key: start again if that was a mistake.'),
  ],
  [
    CTAP_STATUS.KEY_STORE_FULL,
    () => error('DeviceUnsupported', 'The security key is full: delete one of its credentials first.'),
  ],
  [CTAP_STATUS.UNSUPPORTED_OPTION, () => deviceUnsupported('do it this way')],
  [CTAP_STATUS.INVALID_OPTION, () => deviceUnsupported('do it this way')],
  [CTAP_STATUS.KEEPALIVE_CANCEL, cancelled],
  [CTAP_STATUS.NO_CREDENTIALS, noCredential],
  [CTAP_STATUS.USER_ACTION_TIMEOUT, touchTimeout],
  [
    CTAP_STATUS.NOT_ALLOWED,
    () =>
      new KeyholdError(
        'TouchRefused',
        'The security key does not allow it now: pull it out, plug it in and try again.',
        {
          status: CTAP_STATUS.NOT_ALLOWED,
        },
      ),
  ],
  [CTAP_STATUS.PIN_INVALID, () => error('PinWrong', 'The PIN is wrong: try again.')],
  [
    CTAP_STATUS.PIN_BLOCKED,
    () => error('PinBlocked', 'The PIN was wrong too often: only a reset of the security key helps now.'),
  ],
  [CTAP_STATUS.PIN_AUTH_INVALID, pinRequired],
  [
    CTAP_STATUS.PIN_AUTH_BLOCKED,
    () => error('PinAuthBlocked', 'The PIN was wrong three times: pull the security key out and plug it in again.'),
  ],
  [CTAP_STATUS.PIN_NOT_SET, () => error('PinNotSet', 'The security key has no PIN yet: set one first.')],
  [CTAP_STATUS.PUAT_REQUIRED, pinRequired],
  [
    CTAP_STATUS.PIN_POLICY_VIOLATION,
    () => error('PinPolicy', 'The security key does not take this PIN: choose another, or a longer one.'),
  ],
  [CTAP_STATUS.PIN_TOKEN_EXPIRED, pinRequired],
  [CTAP_STATUS.REQUEST_TOO_LARGE, () => deviceUnsupported('take this much at once')],
  [CTAP_STATUS.ACTION_TIMEOUT, touchTimeout],
  [
    CTAP_STATUS.UP_REQUIRED,
    () => error('TouchRefused', 'The security key wants to be touched: try again and touch it.'),
  ],
  [CTAP_STATUS.UV_BLOCKED, () => error('PinRequired', 'The security key takes no fingerprint for now: enter its PIN.')],
  [CTAP_STATUS.INVALID_SUBCOMMAND, cannot],
  [CTAP_STATUS.UV_INVALID, () => error('PinWrong', 'The security key did not recognise the finger: try again.')],
  [CTAP_STATUS.UNAUTHORIZED_PERMISSION, pinRequired],
]);

/** What a status other than success means for the person. */
export function statusError(status: number): KeyholdError {
  const known = ERRORS.get(status);
  return known?.() ?? deviceFault(`failed with the error 0x${status.toString(16).padStart(2, '0')}`);
}
