import { KmsError } from '../../../core/kms/kms-error.ts';
import type { KmsKey } from '../../../core/kms/records.ts';

/** What the keys of a multi-Region key share is changed on its primary key only. */
export function requirePrimary(key: KmsKey, arn: string): void {
  if (key.multiRegion !== 'REPLICA') return;
  throw new KmsError('UnsupportedOperationException', `${arn} is a multi-Region replica key.`);
}

/** What is said of a key that would have to be a primary key to be replicated, or to hand that role on. */
export function notPrimary(arn: string): KmsError {
  return new KmsError('UnsupportedOperationException', `${arn} is not a multi-region primary key.`);
}
