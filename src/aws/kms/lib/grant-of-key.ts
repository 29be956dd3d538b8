import { KmsError } from '../../../core/kms/kms-error.ts';
import type { FoundGrant } from '../../../core/kms/records.ts';
import type { Things } from '../../../core/things.ts';

/** The grant of a key (by its record's id) with this grant id. Throws InvalidGrantIdException. */
export function grantOfKey(things: Things, key: string, grantId: string): FoundGrant {
  const grant = things.kms.grant(key, grantId);
  if (grant !== undefined) return grant;
  throw new KmsError('InvalidGrantIdException', `Grant ID ${grantId} is not valid for this key.`);
}
