import { KmsError } from '../../core/kms/kms-error.ts';
import { ServiceError } from '../local/service-error.ts';

/** Every error of the KMS is HTTP 400, whatever its model says; DryRunOperationException alone is not. */
const DRY_RUN_STATUS = 412;

/** An error of the KMS's rules as the client reads it; undefined for anything else. */
export function toServiceError(error: unknown): ServiceError | undefined {
  if (!(error instanceof KmsError)) return undefined;
  const status = error.code === 'DryRunOperationException' ? { status: DRY_RUN_STATUS } : {};
  return new ServiceError(error.code, error.message, { ...status, cause: error });
}
