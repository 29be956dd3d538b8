import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { makeEvent } from '../draft.ts';
import type { UsersChange } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import type { CallContext } from './handler.ts';

/** A refused attempt enters the log, whatever it was refused for. */
export async function refusals<T>(
  call: CallContext,
  action: string,
  target: string,
  attempt: () => Promise<T>,
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const refused = ['WrongSecret', 'TooManyAttempts', 'HsmLoginRequired', 'QuorumRequired', 'TouchRequired'];
    if (error instanceof KeyholdError && refused.includes(error.code)) {
      const { core, actor } = call;
      const event = makeEvent(core.ports, {
        action,
        actor,
        target,
        decision: 'denied',
        reason: `${target}: ${error.code}`,
      });
      core.lifecycle.audit()?.record(event);
      core.emit({ type: 'audit', event });
    }
    throw error;
  }
}

/** One change of the users by the officer of a session, with its entry in the log. A touch that it takes is had before, and nothing waits for that. */
export async function byOfficer(
  call: CallContext,
  login: Sealed,
  action: string,
  target: string,
  change: () => UsersChange,
): Promise<Session> {
  const session = call.core.session();
  await refusals(call, action, target, async () => {
    const input = { session: login, change: change() };
    if (input.change.do === 'set-approval-touch')
      await session.hsm.call('touchForUsers', { for: 'changeUsers', input });
    await session.write(call.actor, async (draft) => {
      const { staged, by } = await session.hsm.call('changeUsers', input);
      draft.users = staged;
      draft.record(action, target, { reason: `${target}, by ${by}` });
      return () => undefined;
    });
  });
  return session;
}
