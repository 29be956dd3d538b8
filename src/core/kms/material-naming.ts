import type { ObjectRef } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';

/** What names the key material of an account (by its record), where that is not the vault itself: so imported material is known again wherever the account went. */
export function materialNaming(
  session: Pick<Session, 'things' | 'objectRef'>,
  account: string,
): { naming?: ObjectRef } {
  const { naming } = session.things.must('account', account);
  return naming === undefined ? {} : { naming: session.objectRef(naming.id) };
}
