import { KEY_PREFIX } from '../../contract/called-as.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Core } from '../core.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { draftRotation } from './begin-rotation.ts';
import type { Reach } from './reach.ts';
import { dueKeys, scheduleOf } from './schedule-of.ts';
import { isInWindow } from './wall-clock.ts';
import { whyNotByItself } from './why-not-by-itself.ts';

/**
 * Begins what is to be rotated by itself, due, and in its window now: one key at a time in each account. Nothing is begun that wants a person, nor while AWS cannot be reached: it
 * would wait, and then ask whether it is still wanted.
 */
export async function beginScheduled(core: Core, session: Session, reach: Reach): Promise<void> {
  const { things } = session;
  const now = core.ports.clock.now();
  const ready = dueKeys(things, now).filter((key) => {
    const { auto, window } = scheduleOf(things, key.value);
    if (auto !== 'rotate' || whyNotByItself(session, key, now) !== undefined) return false;
    return window === undefined || isInWindow(window, now, core.shell.timeZone());
  });
  for (const [account, keys] of Map.groupBy(ready, ({ value }) => value.account)) {
    if (isBusy(session, account)) continue;
    for (const key of keys) {
      if (!(await reach.isThere(core, session, key))) break;
      if (await begin(core, session, key)) break;
    }
  }
}

/** One of the account's is doing something; those in quarantine, or that wait for somebody, keep nobody from anything. */
function isBusy({ things }: Session, account: string): boolean {
  return things
    .all('rotation')
    .some(
      ({ value }) =>
        value.account === account && value.outcome === undefined && value.halt === undefined && value.step !== 'watch',
    );
}

/** False for a key that cannot be rotated any more by the time its turn comes. */
async function begin(core: Core, session: Session, { value }: Found<'accessKey'>): Promise<boolean> {
  try {
    await session.write('daemon', (draft) => {
      draftRotation(draft, session, { key: `${KEY_PREFIX}${value.name}` }, core.ports.clock.now());
      return () => undefined;
    });
    session.notice('info', `${value.name} is due and is being rotated, as its schedule says.`);
    return true;
  } catch (error) {
    if (!(error instanceof KeyholdError) || session.closed) throw error;
    core.ports.log.warn('a rotation could not be begun by itself', { key: value.name, error });
    return false;
  }
}
