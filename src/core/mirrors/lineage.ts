import { equal } from '../crypto/equal.ts';
import type { CopyHead } from './protocol.ts';

/** What is known of a copy, with a way to look into its audit log. */
export interface Ancestry extends Pick<CopyHead, 'vaultId' | 'generation' | 'headMac' | 'auditSeq' | 'auditHash'> {
  /** Hash of an audit entry; null when there is none of that number. */
  hashAt(seq: number): Promise<Uint8Array | null>;
}

/**
 * How a copy stands to the vault. `behind`: an earlier state of it; `ahead`: a later one; `diverged`: both were changed since they were the same; `foreign`: another
 * vault. As far as the files say: only the HSM can tell whether that is true.
 */
export type Relation = 'same' | 'behind' | 'ahead' | 'diverged' | 'foreign';

/** The audit chain decides: every change but that of counters is in it, and nobody who lacks the root key can continue it. */
export async function relate(vault: Ancestry, copy: Ancestry): Promise<Relation> {
  if (!equal(vault.vaultId, copy.vaultId)) return 'foreign';
  if (isSame(vault, copy)) return 'same';
  if (copy.generation <= vault.generation && (await continues(vault, copy))) return 'behind';
  if (copy.generation >= vault.generation && (await continues(copy, vault))) return 'ahead';
  return 'diverged';
}

export function isSame(
  a: Pick<CopyHead, 'vaultId' | 'generation' | 'headMac'>,
  b: Pick<CopyHead, 'vaultId' | 'generation' | 'headMac'>,
): boolean {
  return equal(a.vaultId, b.vaultId) && a.generation === b.generation && equal(a.headMac, b.headMac);
}

/** Whether the audit log of `later` begins with that of `earlier`. */
async function continues(later: Ancestry, earlier: Ancestry): Promise<boolean> {
  if (earlier.auditSeq > later.auditSeq) return false;
  if (earlier.auditSeq === 0) return true;
  const hash = await later.hashAt(earlier.auditSeq);
  return hash !== null && equal(hash, earlier.auditHash);
}
