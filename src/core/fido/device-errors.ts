import { KeyholdError } from '../../contract/errors.ts';

/** What a security key can do to a call, each as one sentence for the person. */

export function deviceGone(): KeyholdError {
  return new KeyholdError('DeviceGone', 'The security key was pulled out: plug it in and try again.');
}

export function deviceBusy(): KeyholdError {
  return new KeyholdError('DeviceBusy', 'Another program is using the security key: let it finish, then try again.');
}

export function deviceFault(what: string): KeyholdError {
  return new KeyholdError('DeviceFault', `The security key ${what}: pull it out, plug it in and try again.`);
}

export function deviceSilent(): KeyholdError {
  return deviceFault('does not answer');
}

export function deviceUnsupported(what: string): KeyholdError {
  return new KeyholdError('DeviceUnsupported', `This security key cannot ${what}: use another one.`);
}

export function touchTimeout(): KeyholdError {
  return new KeyholdError('TouchTimeout', 'Nobody touched the security key in time: try again and touch it.');
}

export function cancelled(): KeyholdError {
  return new KeyholdError('Cancelled', 'It was called off: start again when you want to go on.');
}

export function noCredential(): KeyholdError {
  return new KeyholdError('NoCredential', 'This security key is not enrolled for this: use another one, or enrol it.');
}

export function credentialExcluded(): KeyholdError {
  return new KeyholdError(
    'CredentialExcluded',
    'This security key is enrolled already: use another one, or remove it first.',
  );
}
