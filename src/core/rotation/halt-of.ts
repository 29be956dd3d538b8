import { KeyholdError } from '../../contract/errors.ts';
import { isWithoutTouch } from '../gates/without-touch.ts';
import { loggedMessage } from '../sessions/program-failed.ts';
import { isFault } from './faults.ts';
import { Halt } from './halt.ts';

export function missingPermission(user: string, permissions: readonly string[], cause?: unknown): Halt {
  return new Halt(
    'permission',
    `${user} may not do ${permissions.join(', ')}. Allow that for its own keys (or, where its policy asks for MFA, add its MFA device to this vault), then begin again.`,
    { cause },
  );
}

/** As `missingPermission`, of a call that AWS has refused. */
export function refusedCall(user: string, error: unknown): Halt {
  return missingPermission(user, [permissionOf(error)], error);
}

/** What the permission is called that a refused call would have taken: `iam:CreateAccessKey`. */
function permissionOf(error: unknown): string {
  const { service, action } = (error instanceof KeyholdError ? error.details : undefined) ?? {};
  return typeof service === 'string' && typeof action === 'string' ? `${service}:${action}` : 'what it takes';
}

/** A fault of AWS's as a reason to wait. Null for what is none. */
export function haltOf(error: unknown, user: string): Halt | null {
  if (error instanceof Halt) return error;
  if (isWithoutTouch(error)) {
    return new Halt('touch', 'The key wants a touch of a security key. Resume the rotation while you can touch it.', {
      cause: error,
    });
  }
  if (isFault(error, 'network'))
    return new Halt('network', `AWS cannot be reached: ${reason(error)}`, { cause: error });
  if (isFault(error, 'slow', 'server')) {
    return new Halt('network', `AWS is not able to do it now: ${reason(error)}.`, { cause: error });
  }
  if (isFault(error, 'denied')) return refusedCall(user, error);
  if (isFault(error, 'badKey', 'expired')) {
    return new Halt(
      'badKey',
      `AWS does not take the key that the vault has for ${user}. Look at its keys in IAM, make it active there and resume, or roll back.`,
      { cause: error },
    );
  }
  if (isFault(error, 'mfa', 'quota', 'missing', 'other')) {
    return new Halt('refused', `AWS refused: ${reason(error)}. Put that right and resume, or roll back.`, {
      cause: error,
    });
  }
  return null;
}

function reason(error: unknown): string {
  return error instanceof KeyholdError ? loggedMessage(error) : 'for an unknown reason';
}
