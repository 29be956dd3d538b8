import type { Session } from '../session.ts';

/** What AWS said, by certificate and serial number. */
const refusals = new WeakMap<Session, Map<string, string>>();

const keyOf = (id: string, serial: string): string => `${id} ${serial}`;

/** Kept as long as the vault is unlocked: after the next unlock AWS is asked again. */
export function noteRefusal(session: Session, id: string, serial: string, message: string): void {
  const ofSession = refusals.get(session) ?? new Map<string, string>();
  refusals.set(session, ofSession);
  ofSession.set(keyOf(id, serial), message);
}

/** What AWS last said to a new certificate that it did not take. */
export function refusalOf(session: Session, id: string, serial: string): string | undefined {
  return refusals.get(session)?.get(keyOf(id, serial));
}
