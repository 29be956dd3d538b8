import type { Core } from '../core.ts';
import { ifRoom } from '../disk-full.ts';
import { type Actor, makeEvent } from '../draft.ts';
import type { Session } from '../session.ts';

export const DISK_FULL =
  'The disk is full. The vault can be read, checked and backed up elsewhere; nothing is signed or changed until there is space, because it could not be recorded.';

/**
 * Writes an audit entry of something that helps with a full disk; without room it waits in the log's queue, and while it does the log admits no request. Answers whether
 * it has been written.
 */
export async function noteOrQueue(
  core: Core,
  session: Session,
  actor: Actor,
  action: string,
  target?: string,
): Promise<boolean> {
  if (await ifRoom(() => session.note(actor, action, target))) {
    // What had to wait for room before goes with it.
    return ifRoom(() => session.audit.flush());
  }
  const event = makeEvent(core.ports, { action, actor, ...(target === undefined ? {} : { target }) });
  session.audit.record(event);
  core.emit({ type: 'audit', event });
  return ifRoom(() => session.audit.flush());
}
