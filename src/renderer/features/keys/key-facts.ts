import type { AccessKey } from '../../../contract/schemas.ts';
import { ageInDays, KEY_POLICY_DAYS } from '../../lib/format.ts';

/** When the key was made at AWS, or, where that is not known, when it came into the vault. */
export function keyBirth(key: AccessKey): string {
  return key.issuedAt ?? key.createdAt;
}

/** An active key over its policy age. */
export function isDue(key: AccessKey, now: number): boolean {
  return key.status === 'active' && ageInDays(keyBirth(key), now) > KEY_POLICY_DAYS;
}
