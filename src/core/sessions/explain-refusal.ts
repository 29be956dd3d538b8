import { KeyholdError } from '../../contract/errors.ts';
import type { SessionKind } from '../../contract/roles.ts';
import type { Thing } from '../things.ts';
import { ProgramFailed } from './program-failed.ts';

/** AWS's own words, whose session it was about, and what helps where that is known. Other errors stay as they are. */
export function explainRefusal(error: unknown, profile: Thing<'profile'>, kind: SessionKind): unknown {
  if (!(error instanceof KeyholdError) || error.code !== 'ServiceRefused' || error instanceof ProgramFailed)
    return error;
  const help = helpFor(error.message, profile, kind);
  return new KeyholdError(
    'ServiceRefused',
    `AWS gives no session for the profile ${profile.name}. ${error.message}${help === undefined ? '' : ` ${help}`}`,
    { ...error.details, profile: profile.name },
    { cause: error },
  );
}

function helpFor(message: string, { mfaSerial, role }: Thing<'profile'>, kind: SessionKind): string | undefined {
  if (/MaxSessionDuration/.test(message)) {
    return 'The role’s own maximum is less than the profile asks for: lower the profile’s duration, or raise the role’s.';
  }
  if (/role chaining/i.test(message))
    return 'Its key is temporary itself, so one hour is the most: lower the duration.';
  if (/MultiFactorAuthentication failed/i.test(message)) {
    return mfaSerial === undefined
      ? 'Give the profile its MFA device (mfaSerial).'
      : 'Check that the authenticator entry is of this device, and this computer’s clock; a code that was used elsewhere is refused too.';
  }
  if (/AccessDenied/.test(message) && (kind === 'saml' || kind === 'web-identity')) {
    const action = kind === 'saml' ? 'sts:AssumeRoleWithSAML' : 'sts:AssumeRoleWithWebIdentity';
    return `The role’s trust policy has to allow the provider ${action}, and its conditions have to fit what the provider says of the person.`;
  }
  if (/AccessDenied/.test(message) && kind !== 'session-token' && kind !== 'roles-anywhere' && role !== undefined) {
    return mfaSerial === undefined
      ? 'If the role’s trust policy wants MFA, give the profile its MFA device (mfaSerial); else its trust policy or the caller’s own policy has to allow it.'
      : 'The role’s trust policy or the caller’s own policy has to allow it.';
  }
  return undefined;
}
