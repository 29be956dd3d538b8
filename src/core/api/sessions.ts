import { KeyholdError } from '../../contract/errors.ts';
import type { AwsSession } from '../../contract/sessions.ts';
import type { Core } from '../core.ts';
import { forgetLeft, leftOf } from '../leave/remove-left.ts';
import type { Session } from '../session.ts';
import { chainOf } from '../sessions/chain.ts';
import { removeSession } from '../sessions/remove-session.ts';
import { sessionKind } from '../sessions/session-kind.ts';
import { viewSession } from '../sessions/view-session.ts';
import type { Found, Things } from '../things.ts';
import type { Handlers } from './handler.ts';

export const sessionHandlers: Handlers<'session.list' | 'session.refresh' | 'session.revoke'> = {
  'session.list': async ({ core }) => {
    const session = core.session();
    const things = await needed(session);
    const now = core.ports.clock.now();
    const sessions = things
      .all('profile')
      .map((profile) => viewSession(things, session.broker, chainOf(things, profile), now))
      .filter((view) => view !== undefined);
    return { sessions };
  },

  'session.refresh': async ({ core }, { profile: name }) => {
    const session = core.session();
    const profile = withSession(await needed(session), name);
    await session.broker.refresh(profile);
    return viewOf(core, session, profile);
  },

  'session.revoke': async ({ core, actor }, { profile: name }) => {
    const session = core.session();
    const things = await needed(session);
    const { id, value } = things.byName('profile', name);
    const leases = core.containers.endOf(id);
    if (leases === 0 && leftOf(things, id).length === 0) withSession(things, name);
    // First: what AWS answers to a call under way is not kept any more.
    session.broker.forget(id);
    session.leaver.forget(id);
    const revoked = await session.write(
      actor,
      (draft) => {
        const found = session.things.sessionOf(id);
        const removed = removeSession(draft, session.things, id);
        const left = forgetLeft(draft, session.things, id);
        if (left || leases > 0) {
          draft.record('session.revoke', value.name, {
            profile: value.name,
            reason: 'nothing more is handed to tools',
          });
        }
        if (removed && found !== undefined) {
          draft.record('session.revoke', value.name, { profile: value.name, sessionKeyId: found.value.accessKeyId });
        }
        return () => removed || left || leases > 0;
      },
      ['awsSession', 'leftSession'],
    );
    return { revoked };
  },
};

function needed(session: Session): Promise<Things> {
  return session.need('profile', 'account', 'accessKey', 'awsSession', 'leftSession');
}

function withSession(things: Things, name: string): Found<'profile'> {
  const profile = things.byName('profile', name);
  if (sessionKind(chainOf(things, profile)) !== undefined) return profile;
  throw new KeyholdError(
    'InvalidInput',
    `profile: ${profile.value.name} signs with its own key and has no session. One with a role or an MFA device has.`,
  );
}

function viewOf(core: Core, { things, broker }: Session, { id, value }: Found<'profile'>): AwsSession {
  const profile = { id, value: things.get('profile', id) ?? value };
  const view = viewSession(things, broker, chainOf(things, profile), core.ports.clock.now());
  if (view !== undefined) return view;
  throw new KeyholdError('Cancelled', `The profile ${value.name} was changed meanwhile. Try again.`);
}
