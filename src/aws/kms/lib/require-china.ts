import { KmsError } from '../../../core/kms/kms-error.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** SM2 is for AWS's China Regions alone: `UnsupportedOperationException` elsewhere. */
export function requireChina({ account, region }: OperationContext): void {
  if (account.partition === 'aws-cn') return;
  const message = `SM2 is for the China Regions only, and ${region} is none: choose another spec.`;
  throw new KmsError('UnsupportedOperationException', message);
}
