import { KeyholdError } from '../../contract/errors.ts';
import { SigV4Error } from '../../core/sigv4/index.ts';
import { locked } from '../steps/require-unlocked.ts';
import { AwsError, fromSigV4Error } from './aws-error.ts';

/** Whatever went wrong, as what the client will read. Unexpected errors keep their text to themselves. */
export function asRefusal(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof SigV4Error) return fromSigV4Error(error);
  if (error instanceof KeyholdError) {
    switch (error.code) {
      case 'Locked': {
        const found = error.details?.['found'];
        return locked(typeof found === 'string' ? found : undefined);
      }
      case 'HsmCrashed':
      case 'NotInitialized':
        return locked();
      // No session: AWS's own refusal, or what it would take is not in the vault.
      case 'ServiceRefused':
      case 'NotFound':
      case 'InUse':
      case 'HsmRefused':
      case 'TouchRequired':
      case 'SignInRequired':
      case 'Cancelled':
        return new AwsError('AccessDenied', error.message, { cause: error });
      case 'Unreachable':
        return new AwsError('UpstreamUnreachable', error.message, { cause: error });
      case 'Timeout':
        return new AwsError('UpstreamTimeout', error.message, { cause: error });
      case 'Internal':
        break;
      default:
        // Written for the person: a full disk, a vault that is read-only.
        return new AwsError('Internal', error.message, { cause: error });
    }
  }
  return new AwsError('Internal', 'Something went wrong inside Keyhold. The daemon log has the details.', {
    cause: error,
  });
}
