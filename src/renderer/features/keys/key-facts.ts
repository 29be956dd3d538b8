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

/** An active key over its maximum age, as reminders, the tray and the command line have it; without one, a key is never due. */
export function isDue(key: AccessKey, now: number): boolean {
  return key.status === 'active' && key.dueAt !== undefined && Date.parse(key.dueAt) <= now;
}

/** Worth a look: nobody has said how old it may become. */
export function isOld(key: AccessKey, now: number): boolean {
  if (key.status !== 'active' || key.hasSessionToken || key.dueAt !== undefined) return false;
  return ageInDays(keyBirth(key), now) > KEY_POLICY_DAYS;
}
