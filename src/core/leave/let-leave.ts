import { KeyholdError } from '../../contract/errors.ts';
import type { LeaveWay } from '../../contract/leave.ts';
import type { Actor, Draft } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found, Thing } from '../things.ts';
import { instant } from '../views.ts';
import { assertMayLeave } from './may-leave.ts';

const WORDS: Readonly<Record<LeaveWay, string>> = {
  process: 'handed to a tool',
  container: 'fetched at the container endpoint',
  console: 'used to sign in to the console',
};

/** What leaves: the secret and the token are the record ids of the objects that they are in. */
export interface Leaving {
  accessKeyId: string;
  expiresAt: number;
  secret: string;
  token: string;
}

/**
 * Writes down that a profile's temporary credentials leave now, before they do: who looks at the log later has to find it. The policy is asked once more, when nothing else writes.
 * Throws as `assertMayLeave`, and `Cancelled` where they were revoked meanwhile.
 */
export async function letLeave(
  { session, ports, actor }: { session: Session; ports: Ports; actor: Actor },
  { id, way, client }: { id: string; way: LeaveWay; client?: string },
): Promise<Leaving> {
  return session.write(
    actor,
    (draft) => {
      const { things } = session;
      const value = things.get('leftSession', id);
      const profile = value === undefined ? undefined : things.get('profile', value.profile);
      // What is forgotten here stays on the list for as long as it is good elsewhere, without its secret.
      const { secret, token } = value ?? {};
      if (value === undefined || profile === undefined || secret === undefined || token === undefined) throw revoked();
      assertMayLeave(things, { id: value.profile, value: profile }, way);
      const next = { ...value, ways: [...new Set([...value.ways, way])], leftAt: ports.clock.now() };
      draft.put('leftSession', id, next);
      recordLeft(draft, { profile, account: things.must('account', profile.account) }, { ...next, way, client });
      const { accessKeyId, expiresAt } = value;
      return () => ({ accessKeyId, expiresAt, secret: secret.id, token: token.id });
    },
    ['profile', 'account', 'leftSession', 'settings'],
  );
}

/** The log's entry; its words are the same whichever way they go. */
export function recordLeft(
  draft: Draft,
  { profile, account }: { profile: Thing<'profile'>; account: Thing<'account'> },
  left: Pick<Thing<'leftSession'>, 'accessKeyId' | 'arn' | 'expiresAt'> & {
    way: LeaveWay;
    client?: string | undefined;
  },
): void {
  draft.record(
    'session.leave',
    profile.name,
    omitUndefined({
      profile: profile.name,
      account: account.name,
      client: left.client,
      sessionKeyId: left.accessKeyId,
      assumedRole: left.arn,
      left: left.way,
      reason: `left the app (${WORDS[left.way]}), until ${instant(left.expiresAt)}`,
    }),
  );
}

/** Passes the gate of a profile whose credentials are about to leave. Throws `TouchRequired`. */
export async function passProfileGate(session: Session, { value }: Found<'profile'>): Promise<void> {
  if (value.gate?.object === undefined) return;
  const key = session.objectRef(value.gate.object.id);
  await session.hsm.call('passGate', { key, purpose: `let credentials of ${value.name} leave ${session.newId()}` });
}

function revoked(): KeyholdError {
  return new KeyholdError('Cancelled', 'The credentials were revoked meanwhile. Try again.');
}
