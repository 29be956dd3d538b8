import { KeyholdError } from '../../contract/errors.ts';
import type { ObjectAttributes } from './protocol.ts';

/** The longest session that AWS gives to a role: nothing that leaves works longer than that. */
const LONGEST_MS = 12 * 3_600_000;
/** AWS's clock, which says when a session ends, may be ahead of this one. */
const CLOCKS_MS = 5 * 60_000;

/**
 * Of AWS's secrets, what may leave is a session's that was made for nothing else: it never signs here, and it ends. What signs here never leaves. Throws `HsmRefused`.
 */
export function requireLeaving({ usage, extractable, createdAt, policy: { notAfter } }: ObjectAttributes): void {
  const leaves = usage.includes('leave');
  if (!leaves && !extractable) return;
  if (!leaves || !extractable || usage.length > 1) {
    throw new KeyholdError('HsmRefused', 'A secret of AWS’s either signs in the vault or leaves it, never both.');
  }
  if (notAfter === undefined || notAfter - createdAt > LONGEST_MS + CLOCKS_MS) {
    throw new KeyholdError('HsmRefused', 'A secret of AWS’s leaves the vault only if it ends within 12 hours.');
  }
}
