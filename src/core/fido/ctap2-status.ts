import { KeyholdError } from '../../contract/errors.ts';
import { cancelled, deviceBusy, deviceFault, deviceUnsupported, touchTimeout } from './device-errors.ts';

/** CTAP2 status codes (CTAP 2.1, section 8.2) that a caller may have to know one by one. */
export const CTAP_STATUS = { OK: 0x00, NOT_ALLOWED: 0x30 } as const;

const refused = (what: string): KeyholdError => new KeyholdError('TouchRefused', what);
const noCredential = (): KeyholdError =>
  new KeyholdError('NoCredential', 'This security key is not enrolled for this: use another one, or enrol it.');
const pinRequired = (): KeyholdError => new KeyholdError('PinRequired', 'Enter the PIN of the security key first.');

const ERRORS: Readonly<Record<number, () => KeyholdError>> = {
  1: () => deviceUnsupported('do this'),
  5: touchTimeout,
  6: deviceBusy,
  10: deviceBusy,
  21: () => deviceUnsupported('take this many at once'),
  25: () =>
    new KeyholdError(
      'CredentialExcluded',
      'This security key is enrolled already: use another one, or remove it first.',
    ),
  34: noCredential,
  38: () => deviceUnsupported('make a key of a kind that Keyhold knows'),
  39: () => refused('It was refused at the security key: start again if that was a mistake.'),
  40: () => new KeyholdError('DeviceUnsupported', 'The security key is full: delete one of its credentials first.'),
  43: () => deviceUnsupported('do it this way'),
  44: () => deviceUnsupported('do it this way'),
  45: cancelled,
  46: noCredential,
  47: touchTimeout,
  48: () => refused('The security key does not allow it now: pull it out, plug it in and try again.'),
  49: () => new KeyholdError('PinWrong', 'The PIN is wrong: try again.'),
  50: () => new KeyholdError('PinBlocked', 'The PIN was wrong too often: only a reset of the security key helps now.'),
  51: pinRequired,
  52: () =>
    new KeyholdError(
      'PinAuthBlocked',
      'The PIN was wrong three times: pull the security key out and plug it in again.',
    ),
  53: () => new KeyholdError('PinNotSet', 'The security key has no PIN yet: set one first.'),
  54: pinRequired,
  55: () => new KeyholdError('PinPolicy', 'The security key does not take this PIN: choose another, or a longer one.'),
  56: pinRequired,
  57: () => deviceUnsupported('take this much at once'),
  58: touchTimeout,
  59: () => refused('The security key wants to be touched: try again and touch it.'),
  60: () => new KeyholdError('PinRequired', 'The security key takes no fingerprint for now: enter its PIN.'),
  62: () => deviceUnsupported('do this'),
  63: () => new KeyholdError('PinWrong', 'The security key did not recognise the finger: try again.'),
  64: pinRequired,
};

/** What a status other than success means for the person. */
export function statusError(status: number): KeyholdError {
  const known = ERRORS[status];
  return known === undefined ? deviceFault(`failed with the error 0x${status.toString(16).padStart(2, '0')}`) : known();
}
