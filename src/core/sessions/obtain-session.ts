import type { SessionKind } from '../../contract/roles.ts';
import { wipe } from '../crypto/wipe.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Thing } from '../things.ts';
import { askForSession } from './ask-for-session.ts';
import type { Chain } from './chain.ts';
import { keepSession } from './keep-session.ts';
import type { Outside } from './outside.ts';
import { sessionSeconds } from './session-kind.ts';

export interface BrokerParts extends Outside {
  ports: Ports;
  session: Session;
}

export interface SessionWish {
  kind: SessionKind;
  settings: string;
  /** Who it is for, in the session's name. */
  client: string;
  /** False once it has been revoked meanwhile. */
  wanted(): boolean;
}

/** Asks AWS for one session, seals it and commits it in the place of the one before. Answers when it ends by the monotonic clock, which nobody sets. */
export async function obtainSession(parts: BrokerParts, chain: Chain, wish: SessionWish): Promise<{ endsAt: number }> {
  const { session } = parts;
  const { kind, settings, wanted } = wish;
  const [profile] = chain;
  const seconds = sessionSeconds(profile.value, kind);
  const { answer, endsAt } = await askForSession(parts, chain, { ...wish, seconds });
  try {
    await keepSession(parts, profile, { purpose: 'sign', settings, wanted }, answer, (draft, kept) => {
      const old = session.things.sessionOf(profile.id);
      for (const object of objectsOf(old?.value.previous)) draft.removeObject(object);
      // Uploads that began with it sign their chunks until they end.
      const previous = old && omitUndefined({ secret: old.value.secret, token: old.value.token });
      draft.put('awsSession', old?.id ?? session.newId(), omitUndefined({ ...kept, kind, previous }));
    });
  } finally {
    wipe(answer.secret, answer.token);
  }
  return { endsAt };
}

/** The objects that a session, or the one before it, is kept in. */
export function objectsOf(kept: Pick<Thing<'awsSession'>, 'secret' | 'token'> | undefined): string[] {
  if (kept === undefined) return [];
  return kept.token === undefined ? [kept.secret.id] : [kept.secret.id, kept.token.id];
}
