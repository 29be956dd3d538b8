import { KeyholdError } from '../../contract/errors.ts';
import { KmsError, type KmsErrorCode } from '../../core/kms/kms-error.ts';
import { ServiceError } from '../local/service-error.ts';

/** Every other error of the KMS is HTTP 400, whatever its model says. By their status, clients know those that are worth another try. */
const STATUS: { readonly [C in KmsErrorCode]?: number } = {
  DependencyTimeoutException: 503,
  DryRunOperationException: 412,
  KMSInternalException: 500,
};

/** What the HSM's officers or a security key have to allow is refused as what a policy does not allow: AWS has no error of its own for it, and clients do not try it again. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['QuorumRequired', 'HsmLoginRequired', 'TouchRequired', 'Cancelled']);

/** An error of the KMS's rules as the client reads it; undefined for anything else. */
export function toServiceError(error: unknown): ServiceError | undefined {
  if (error instanceof KeyholdError && NOT_ALLOWED.has(error.code)) {
    return new ServiceError('AccessDeniedException', error.message, { denied: true, cause: error });
  }
  if (!(error instanceof KmsError)) return undefined;
  const status = STATUS[error.code];
  return new ServiceError(error.code, error.message, { ...(status === undefined ? {} : { status }), cause: error });
}
