import type { Core } from '../core.ts';
import type { Draft } from '../draft.ts';
import { forgetLeft } from '../leave/remove-left.ts';
import type { Session } from '../session.ts';
import { withHeirs } from '../sessions/chain.ts';
import { profilesReferringTo } from '../sessions/origins/profiles-referring-to.ts';
import { removeSession } from '../sessions/remove-session.ts';

type Around = Pick<Core, 'containers'> & { session: Session };

/** What is under way for profiles that work with a sign-in, through others too, comes to nothing, and no tool is handed more. */
export function stopCredentialsOf({ containers, session }: Around, signIn: string): void {
  const { things } = session;
  for (const { id } of withHeirs(things, profilesReferringTo(things, signIn))) {
    session.broker.forget(id);
    session.leaver.forget(id);
    containers.endOf(id);
  }
}

/** Profiles that work with a sign-in ask again at once, whatever they failed with last. */
export function retryCredentialsOf(session: Session, signIn: string): void {
  const { things } = session;
  for (const { id } of withHeirs(things, profilesReferringTo(things, signIn))) {
    session.broker.retry(id);
    session.leaver.retry(id);
  }
}

/**
 * Drafts the end of all credentials that were got with a sign-in; AWS takes what somebody has until it expires. Needs the kinds `profile`, `awsSession` and `leftSession`. What is answered is
 * called once that is committed: what was begun meanwhile with what there was before is not kept.
 */
export function endCredentialsOf(around: Around, draft: Draft, signIn: string): () => void {
  const { things } = around.session;
  for (const { id } of withHeirs(things, profilesReferringTo(things, signIn))) {
    removeSession(draft, things, id);
    forgetLeft(draft, things, id);
  }
  return () => stopCredentialsOf(around, signIn);
}
