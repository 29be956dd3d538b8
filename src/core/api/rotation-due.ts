import { CREDENTIAL_PREFIX, calledAs, KEY_PREFIX } from '../../contract/called-as.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { DueKey } from '../../contract/rotation-due.ts';
import type { Core } from '../core.ts';
import { isComplete } from '../credentials/record.ts';
import { draftRotation, requireIdle, requireRotatable } from '../rotation/begin-rotation.ts';
import { writeCalendar } from '../rotation/calendar.ts';
import { dueAt } from '../rotation/due-at.ts';
import { type AgedCredential, agedCredentials, dueCredentials } from '../rotation/due-credentials.ts';
import { rotationUnderWay } from '../rotation/rotations-of-key.ts';
import { dueKeys, isSnoozed, scheduleOf } from '../rotation/schedule-of.ts';
import { viewRotation } from '../rotation/view.ts';
import { localDate, nextInWindow } from '../rotation/wall-clock.ts';
import { whyNotByItself } from '../rotation/why-not-by-itself.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { instant } from '../views.ts';
import type { Handlers } from './handler.ts';

const SOON_MS = 14 * 86_400_000;
const KINDS = ['rotation', 'accessKey', 'account', 'profile', 'otpDevice', 'credential', 'panic'] as const;

export const rotationDueHandlers: Handlers<
  'rotation.due' | 'rotation.schedule' | 'rotation.snooze' | 'rotation.startDue' | 'rotation.calendar'
> = {
  'rotation.due': async ({ core }) => {
    const session = core.session();
    const things = await session.need(...KINDS);
    const waiting = things.all('rotation').filter((found) => viewRotation(session, found).needs !== undefined).length;
    const keys = [
      ...agedKeys(session).map(({ key, due }) => viewDue(core, session, key, due)),
      ...agedCredentials(things).map((aged) => viewDueCredential(core, session, aged)),
    ];
    return {
      keys: keys.sort((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt)),
      waiting,
      timeZone: core.shell.timeZone(),
    };
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
    const now = core.ports.clock.now();
    const wanted =
      input.keys === undefined
        ? [...wantedKeys(session, input, now), ...wantedCredentials(session, input, now)]
        : namedOnes(session, input.keys, input.olderThanSeconds);
    const chosen = wanted.filter(({ called, shown }) => {
      try {
        requireIdle(session, requireRotatable(session, called));
        return true;
      } catch (error) {
        if (!(error instanceof KeyholdError)) throw error;
        skipped.push({ key: shown, why: error.message });
        return false;
      }
    });
    const names = chosen.map(({ shown }) => shown);
    if (input.plan || chosen.length === 0) return { begun: names, skipped };
    // All of them in one transaction: whatever comes in between, what was begun goes on.
    const begun = await session.write(actor, (draft) => {
      const at = core.ports.clock.now();
      const { quarantineSeconds, whenOnline } = input;
      const made = chosen.map(({ called: key }) =>
        draftRotation(draft, session, { key, quarantineSeconds, whenOnline }, at),
      );
      return () => made;
    });
    void core.rotations.goOneByOne(call, begun);
    return { begun: names, skipped };
  },

  'rotation.calendar': async ({ core }, { withIds }) => {
    const session = core.session();
    const things = await session.need(...KINDS);
    const entry = (
      id: string,
      due: number,
      { name, account, idAtIam }: Record<'name' | 'account' | 'idAtIam', string>,
    ) => ({
      uid: `rotate-${id}@keyhold.invalid`,
      date: localDate(due, core.shell.timeZone()),
      summary: `Rotate ${name} (${things.must('account', account).name})`,
      description: `${withIds ? `${idAtIam} is due.\n` : ''}keyhold rotate ${quotedName(name)}`,
    });
    const entries = [
      ...agedKeys(session).map(({ key: { id, value }, due }) =>
        entry(id, due, { name: ofKey(value.name).shown, account: value.account, idAtIam: value.accessKeyId }),
      ),
      ...agedCredentials(things).map(({ id, value, due }) =>
        entry(id, due, {
          name: ofCredential(value.name).shown,
          account: things.must('accessKey', value.key).account,
          idAtIam: value.credentialId ?? '',
        }),
      ),
    ];
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

/** What is to be rotated. */
interface Wanted {
  /** So that nothing else is meant. */
  called: string;
  /** To a person. */
  shown: string;
}

/** By name, each once, told with the word before its name if it was given so. A bare name is an access key’s, whatever else is called so. */
function namedOnes({ things }: Session, names: readonly string[], olderThanSeconds: number | undefined): Wanted[] {
  if (olderThanSeconds !== undefined) {
    throw new KeyholdError('InvalidInput', 'keys: give keys or olderThanSeconds, not both.');
  }
  const wanted = names.map((name) => {
    const { kind, name: bare } = calledAs(name);
    if (kind === 'credential') return ofCredential(things.byName('credential', bare).value.name);
    const key = ofKey(things.byName('accessKey', bare).value.name);
    return kind === undefined ? key : { ...key, shown: key.called };
  });
  return [...new Map(wanted.map((one) => [one.called, one])).values()];
}

function ofKey(name: string): Wanted {
  const called = `${KEY_PREFIX}${name}`;
  // One that is itself called `credential:…` is not to be taken for that.
  return { called, shown: calledAs(name).kind === undefined ? name : called };
}

function ofCredential(name: string): Wanted {
  const called = `${CREDENTIAL_PREFIX}${name}`;
  return { called, shown: called };
}

/** Those that were put off are, while they are, not due for anybody. */
function wantedKeys({ things }: Session, { olderThanSeconds }: Input<'rotation.startDue'>, now: number): Wanted[] {
  const keys =
    olderThanSeconds === undefined
      ? dueKeys(things, now)
      : things
          .all('accessKey')
          .filter(({ value }) => value.token === undefined && isOlder(value, now - olderThanSeconds * 1000));
  return keys.map(({ value }) => ofKey(value.name));
}

function wantedCredentials(
  { things }: Session,
  { olderThanSeconds }: Input<'rotation.startDue'>,
  now: number,
): Wanted[] {
  const credentials =
    olderThanSeconds === undefined
      ? dueCredentials(things, now)
      : things
          .all('credential')
          .filter(
            ({ value }) => value.type !== 'smtp' && isComplete(value) && isOlder(value, now - olderThanSeconds * 1000),
          );
  return credentials.map(({ value }) => ofCredential(value.name));
}

function isOlder({ issuedAt, createdAt }: { issuedAt?: number | undefined; createdAt: number }, than: number): boolean {
  return (issuedAt ?? createdAt) <= than;
}

/** Somebody has to hand its successor to the tools that use it, so it is never rotated by itself. */
function viewDueCredential(core: Core, { things }: Session, { value, due, underWay }: AgedCredential): DueKey {
  return {
    key: value.name,
    adapter: value.type,
    account: things.must('account', things.must('accessKey', value.key).account).name,
    accessKeyId: value.credentialId ?? '',
    dueAt: instant(due),
    state: stateOf({ due, underWay, snoozed: false }, core.ports.clock.now()),
    auto: 'remind',
  };
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
    state: stateOf({ due, underWay, snoozed: snoozed !== undefined }, now),
    auto,
    ...(byItself && opens !== undefined ? { rotatesAt: instant(opens) } : {}),
    ...(snoozed === undefined ? {} : { snoozedUntil: instant(snoozed) }),
    ...(why === undefined ? {} : { needsPerson: why }),
  };
}

function stateOf(
  { due, underWay, snoozed }: { due: number; underWay: boolean; snoozed: boolean },
  now: number,
): DueKey['state'] {
  if (underWay) return 'underWay';
  if (due > now) return due > now + SOON_MS ? 'later' : 'soon';
  return snoozed ? 'snoozed' : 'due';
}
