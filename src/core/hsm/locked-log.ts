import { concat, u64, utf8 } from '../crypto/bytes.ts';
import { hmacSha256 } from '../crypto/hmac.ts';
import { type HpkeRecipient, hpkeRecipientFrom } from '../crypto/hpke.ts';
import { wipe } from '../crypto/wipe.ts';
import type { VaultKeys } from './state.ts';
import { purposeBytes } from './vault-keys.ts';

const LABEL = utf8('keyhold/v1/locked-log');

/**
 * The key of row 1 in `audit_pending` for the time that follows this end of the audit chain. The chain does not go on while the vault is locked, so each locked
 * time has keys of its own, and the next unlock knows them again.
 */
export function firstLockedKey(keys: VaultKeys, auditSeq: number, auditHash: Uint8Array): Uint8Array {
  return hmacSha256(keys.lockedLog, concat(LABEL, keys.vaultId, u64(auditSeq), auditHash));
}

/** The vault's own key pair: what a daemon seals to that has not had the vault unlocked since it was started. */
export async function lockedLogRecipient(keys: VaultKeys): Promise<HpkeRecipient> {
  const ikm = purposeBytes(keys.rootKey, keys.vaultId, 'locked-log-pair');
  try {
    return await hpkeRecipientFrom(ikm);
  } finally {
    wipe(ikm);
  }
}
