import type { KeyForm } from '../../../client/import/credential-values.ts';
import type { AccessKey, Account } from '../../../contract/schemas.ts';
import { ageInDays, KEY_POLICY_DAYS } from '../../lib/format.ts';

/** When the key was made at AWS, or, where that is not known, when it came into the vault. */
export function keyBirth(key: AccessKey): string {
  return key.issuedAt ?? key.createdAt;
}

/** What keys of an account look like: stores with an endpoint of their own have other ones than AWS. */
export function keyFormFor(account: Account | undefined): KeyForm {
  return account?.endpointUrl === undefined ? 'aws' : 'compatible';
}

/** An active key over its maximum age, or over the usual one where none is set. */
export function isDue(key: AccessKey, now: number): boolean {
  if (key.status !== 'active') return false;
  if (key.dueAt !== undefined) return Date.parse(key.dueAt) <= now;
  return ageInDays(keyBirth(key), now) > KEY_POLICY_DAYS;
}
