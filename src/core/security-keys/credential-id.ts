import { KeyholdError } from '../../contract/errors.ts';
import { fromBase64, toHex } from '../crypto/bytes.ts';
import type { Found } from '../things.ts';

export function credentialBytes({ value }: Found<'securityKey'>): Uint8Array {
  const bytes = fromBase64(value.credentialId);
  if (bytes !== null) return bytes;
  throw new KeyholdError('VaultCorrupt', `The security key ${value.name} has no credential id. Restore a backup.`);
}

/** Hex, as the audit log and every front end name it. */
export function credentialHex(key: Found<'securityKey'>): string {
  return toHex(credentialBytes(key));
}
