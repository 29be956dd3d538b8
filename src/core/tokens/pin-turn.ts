import type { Session } from '../session.ts';

/**
 * Whatever reads which PIN a token has, or changes it, has the token’s PIN to itself from its first look to its last write: one that is finding out must not log in while another is between
 * the vault’s note and the token’s answer. Waits for those before; what became of them does not matter.
 */
export function withPinOf<T>(session: Session, id: string, work: () => Promise<T>): Promise<T> {
  return session.turns.take(`PIN of ${id}`, work);
}
