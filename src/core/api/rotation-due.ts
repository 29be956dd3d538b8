import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import type { DueKey } from '../../contract/rotation-due.ts';
import type { Core } from '../core.ts';
import { draftRotation, requireIdle, requireRotatable } from '../rotation/begin-rotation.ts';
import { writeCalendar } from '../rotation/calendar.ts';
import { dueAt } from '../rotation/due-at.ts';
import { rotationUnderWay } from '../rotation/rotations-of-key.ts';
import { dueKeys, isSnoozed, scheduleOf } from '../rotation/schedule-of.ts';
import { KEY_PREFIX } from '../rotation/subject.ts';
import { viewRotation } from '../rotation/view.ts';
import { localDate, nextInWindow } from '../rotation/wall-clock.ts';
import { whyNotByItself } from '../rotation/why-not-by-itself.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { instant } from '../views.ts';
import type { Handlers } from './handler.ts';

const SOON_MS = 14 * 86_400_000;
const DEFAULT_QUARANTINE_SECONDS = 86_400;
const KINDS = ['rotation', 'accessKey', 'account', 'profile', 'otpDevice', 'credential', 'panic'] as const;

export const rotationDueHandlers: Handlers<
  'rotation.due' | 'rotation.schedule' | 'rotation.snooze' | 'rotation.startDue' | 'rotation.calendar'
> = {
  'rotation.due': async ({ core }) => {
    const session = core.session();
    const things = await session.need(...KINDS);
    const waiting = things.all('rotation').filter((found) => viewRotation(session, found).needs !== undefined).length;
    const keys = agedKeys(session).map(({ key, due }) => viewDue(core, session, key, due));
    return { keys, waiting, timeZone: core.shell.timeZone() };
  },

  'rotation.schedule': ({ core, actor }, { target, schedule }) => {
    const session = core.session();
    const { things } = session;
    const wanted = schedule ?? undefined;
    return session.write(actor, (draft) => {
      if (target.kind === 'key') {
        const { id, value } = things.byName('accessKey', target.name);
        draft.put('accessKey', id, { ...value, schedule: wanted });
      } else {
        const { id, value } = things.byName('account', target.name);
        if (value.kind === 'local') {
          throw new KeyholdError('InvalidInput', `target: ${value.name} is a local account, which has no access keys.`);
        }
        draft.put('account', id, { ...value, schedule: wanted });
      }
      draft.record('rotation.schedule', target.name, { reason: wanted?.auto ?? 'none' });
      return () => ({});
    });
  },

  'rotation.snooze': ({ core, actor }, { key: name, seconds }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('accessKey', name);
      const until = seconds === null ? undefined : core.ports.clock.now() + seconds * 1000;
      draft.put('accessKey', id, { ...value, snoozedUntil: until });
      draft.record('rotation.snooze', value.name, { reason: until === undefined ? 'no more' : instant(until) });
      return () => ({});
    });
  },

  'rotation.startDue': async (call, input) => {
    const { core, actor } = call;
    const session = core.session();
    await session.need(...KINDS);
    const skipped: { key: string; why: string }[] = [];
    const chosen = wantedKeys(session, input, core.ports.clock.now()).filter(({ value }) => {
      try {
        requireIdle(session, requireRotatable(session, `${KEY_PREFIX}${value.name}`));
        return true;
      } catch (error) {
        if (!(error instanceof KeyholdError)) throw error;
        skipped.push({ key: value.name, why: error.message });
        return false;
      }
    });
    const names = chosen.map(({ value }) => value.name);
    if (input.plan || chosen.length === 0) return { begun: names, skipped };
    // All of them in one transaction: whatever comes in between, what was begun goes on.
    const begun = await session.write(actor, (draft) => {
      const at = core.ports.clock.now();
      const made = chosen.map(({ value }) => {
        const { quarantineSeconds = DEFAULT_QUARANTINE_SECONDS } = scheduleOf(session.things, value);
        const wanted = {
          key: `${KEY_PREFIX}${value.name}`,
          quarantineSeconds: input.quarantineSeconds ?? quarantineSeconds,
        };
        return draftRotation(draft, session, wanted, at);
      });
      return () => made;
    });
    void core.rotations.goOneByOne(call, begun);
    return { begun: names, skipped };
  },

  'rotation.calendar': async ({ core }, { withIds }) => {
    const session = core.session();
    const things = await session.need(...KINDS);
    const entries = agedKeys(session).map(({ key: { id, value }, due }) => ({
      uid: `rotate-${id}@keyhold.invalid`,
      date: localDate(due, core.shell.timeZone()),
      summary: `Rotate ${value.name} (${things.must('account', value.account).name})`,
      description: `${withIds ? `${value.accessKeyId} is due.\n` : ''}keyhold rotate ${value.name}`,
    }));
    return { text: writeCalendar(entries, core.ports.clock.now()), events: entries.length };
  },
};

interface Aged {
  key: Found<'accessKey'>;
  due: number;
}

/** Keys that have a maximum age, the first due first. */
function agedKeys({ things }: Session): Aged[] {
  return things
    .all('accessKey')
    .flatMap((key) => {
      const due = dueAt(things, key.value);
      return due === undefined ? [] : [{ key, due }];
    })
    .sort((a, b) => a.due - b.due);
}

/** Those that were put off are, while they are, not due for anybody. */
function wantedKeys(
  session: Session,
  { olderThanSeconds }: Input<'rotation.startDue'>,
  now: number,
): Found<'accessKey'>[] {
  const { things } = session;
  if (olderThanSeconds === undefined) return dueKeys(things, now);
  return things
    .all('accessKey')
    .filter(
      ({ value }) => value.token === undefined && (value.issuedAt ?? value.createdAt) <= now - olderThanSeconds * 1000,
    );
}

function viewDue(core: Core, session: Session, key: Found<'accessKey'>, due: number): DueKey {
  const { things } = session;
  const { id, value } = key;
  const now = core.ports.clock.now();
  const { auto, window } = scheduleOf(things, value);
  const snoozed = isSnoozed(value, now) ? value.snoozedUntil : undefined;
  const underWay = rotationUnderWay(things, id) !== undefined;
  const why = auto === 'rotate' && !underWay ? whyNotByItself(session, key, now) : undefined;
  const from = Math.max(now, due, snoozed ?? 0);
  const opens = window === undefined ? from : nextInWindow(window, from, core.shell.timeZone());
  const byItself = auto === 'rotate' && why === undefined && !underWay;
  return {
    key: value.name,
    account: things.must('account', value.account).name,
    accessKeyId: value.accessKeyId,
    dueAt: instant(due),
    state: underWay
      ? 'underWay'
      : due > now + SOON_MS
        ? 'later'
        : due > now
          ? 'soon'
          : snoozed === undefined
            ? 'due'
            : 'snoozed',
    auto,
    ...(byItself && opens !== undefined ? { rotatesAt: instant(opens) } : {}),
    ...(snoozed === undefined ? {} : { snoozedUntil: instant(snoozed) }),
    ...(why === undefined ? {} : { needsPerson: why }),
  };
}
