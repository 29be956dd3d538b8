import { KeyholdError } from '../../contract/errors.ts';
import type { Core } from '../core.ts';
import { openPanic } from '../panic/run.ts';
import { draftDestroy } from './draft-steps.ts';
import { proveNext } from './prove-next.ts';
import { refusalOf } from './refusals.ts';

/**
 * What certificates need of nobody: keys whose quarantine is over are destroyed, and a rotation that was interrupted between its certificate and its switch goes on. Nothing of it while a panic is open. Called after an unlock and every minute.
 */
export async function tendCertificates(core: Core): Promise<void> {
  const session = core.lifecycle.openedSession();
  if (session === null) return;
  const things = await session.need('certificate', 'profile', 'account', 'panic');
  const now = core.ports.clock.now();
  for (const { id, value } of things.all('certificate')) {
    // Whatever a panic has stopped stays so until somebody has said how it goes on.
    if (openPanic(things) !== undefined) return;
    if (value.previous !== undefined && value.previous.until <= now) {
      await session.write(
        'daemon',
        (draft) => {
          const present = things.get('certificate', id);
          if (present?.previous !== undefined && present.previous.until <= now)
            draftDestroy(draft, { id, value: present });
          return () => undefined;
        },
        ['certificate'],
      );
    }
    if (value.next?.pair.issued !== undefined) await proveQuietly(core, id, value.next.pair.issued.serial);
  }
}

/** What AWS refuses stays refused until somebody changes something; it is tried again as seldom as that is likely. */
const AGAIN_MS = 15 * 60_000;
const tried = new WeakMap<object, Map<string, number>>();

async function proveQuietly(core: Core, id: string, serial: string): Promise<void> {
  const session = core.session();
  const times = tried.get(session) ?? new Map<string, number>();
  tried.set(session, times);
  const now = core.ports.clock.monotonic();
  const last = times.get(id);
  if (last !== undefined && now - last < AGAIN_MS) return;
  times.set(id, now);
  const refusedBefore = refusalOf(session, id, serial) !== undefined;
  try {
    await proveNext(core, session, 'daemon', id);
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code === 'Internal') throw error;
    // Said once; whoever looks at the certificate reads that AWS has not been seen to take it, and the reminder of its end says why.
    if (!refusedBefore && refusalOf(session, id, serial) !== undefined) session.notice('warning', error.message);
    core.ports.log.warn('a new certificate waits', { code: error.code });
  }
}
