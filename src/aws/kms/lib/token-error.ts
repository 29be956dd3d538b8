import { KeyholdError } from '../../../contract/errors.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';

/**
 * What a token says, as AWS says it of a CloudHSM cluster: what passes by itself can be tried again (KMSInternalException, DependencyTimeoutException),
 * what a person has to mend cannot (KMSInvalidStateException). Anything else stays what it is.
 */
export function asTokenError(error: unknown, arn: string): unknown {
  if (!(error instanceof KeyholdError)) return error;
  switch (error.code) {
    case 'InvalidCiphertext':
      return new KmsError('InvalidCiphertextException', '');
    case 'InvalidInput':
      return new KmsError('ValidationException', error.message);
    case 'Unsupported':
      return new KmsError('UnsupportedOperationException', error.message);
    case 'Timeout':
      return new KmsError('DependencyTimeoutException', error.message);
    case 'TokenUnavailable':
      return new KmsError('KMSInternalException', error.message);
    case 'NotFound':
      return new KmsError('KMSInvalidStateException', `The key material of ${arn} is no longer in its token.`);
    case 'TokenPinRefused':
    case 'HsmRefused':
      return new KmsError('KMSInvalidStateException', error.message);
    default:
      return error;
  }
}

/** Runs work on the token of a key; see `asTokenError`. */
export async function inToken<T>(arn: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asTokenError(error, arn);
  }
}
