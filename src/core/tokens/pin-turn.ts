import type { Session } from '../session.ts';

const turns = new WeakMap<Session, Map<string, Promise<unknown>>>();

/**
 * Whatever reads which PIN a token has, or changes it, has the token’s PIN to itself from its first look to its last write: one that is finding out must not log in while another is between
 * the vault’s note and the token’s answer. Waits for those before; what became of them does not matter.
 */
export function withPinOf<T>(session: Session, id: string, work: () => Promise<T>): Promise<T> {
  const ofSession = turns.get(session) ?? new Map<string, Promise<unknown>>();
  turns.set(session, ofSession);
  const before = ofSession.get(id) ?? Promise.resolve();
  const done = before.then(work, work);
  ofSession.set(id, done);
  const forget = (): void => {
    if (ofSession.get(id) === done) ofSession.delete(id);
  };
  done.then(forget, forget);
  return done;
}
