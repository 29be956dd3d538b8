import { KmsError } from '../../../core/kms/kms-error.ts';
import type { KmsKey } from '../../../core/kms/records.ts';

/** What the keys of a multi-Region key share is changed on its primary key only. */
export function requirePrimary(key: KmsKey, arn: string): void {
  if (key.multiRegion !== 'REPLICA') return;
  throw new KmsError('UnsupportedOperationException', `${arn} is a multi-Region replica key.`);
}
