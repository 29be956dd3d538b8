import { KmsError } from '../../../core/kms/kms-error.ts';
import type { KmsKey } from '../../../core/kms/records.ts';

/** Only keys that were made without key material take imported material. Throws UnsupportedOperationException in AWS's words. */
export function requireExternal({ origin }: KmsKey, arn: string): void {
  if (origin === 'EXTERNAL') return;
  throw new KmsError(
    'UnsupportedOperationException',
    `${arn} origin is ${origin} which is not valid for this operation.`,
  );
}
