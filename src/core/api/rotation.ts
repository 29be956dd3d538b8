import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { canBeConfirmed } from '../rotation/halt.ts';
import { planRotation } from '../rotation/plan-rotation.ts';
import type { RotationRecord } from '../rotation/record.ts';
import { ofSubject, rotationsOf, type Subject, subjectOf } from '../rotation/subject.ts';
import { isGoingBack, viewRotation } from '../rotation/view.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { CallContext, Handlers } from './handler.ts';

/** Ended rotations of a key that are kept for the board. */
const KEPT = 5;
const KINDS = ['rotation', 'accessKey', 'account', 'profile', 'otpDevice', 'credential'] as const;

export const rotationHandlers: Handlers<
  | 'rotation.plan'
  | 'rotation.start'
  | 'rotation.list'
  | 'rotation.get'
  | 'rotation.resume'
  | 'rotation.confirm'
  | 'rotation.setMaxAge'
  | 'rotation.rollback'
> = {
  'rotation.plan': async (call, input) => {
    const session = call.core.session();
    await session.need(...KINDS);
    const subject = requireRotatable(session, input.key);
    requireIdle(session, subject);
    return planRotation(call, session, { subject, input });
  },

  'rotation.start': async (call, input) => {
    const { core, actor } = call;
    const session = core.session();
    const started = await session.write(actor, (draft) => {
      const subject = requireRotatable(session, input.key);
      requireIdle(session, subject);
      for (const { id } of ended(session, subject).slice(KEPT - 1)) draft.remove('rotation', id);
      const id = session.newId();
      const value = newRecord(session, { subject, input }, core.ports.clock.now());
      draft.put('rotation', id, value);
      draft.record('rotation.start', value.keyName, { account: value.accountName });
      return () => ({ id, value });
    });
    void core.rotations.go(call, started.id);
    return viewRotation(session, started);
  },

  'rotation.list': async ({ core }) => {
    const session = core.session();
    const things = await session.need(...KINDS);
    const newestFirst = things.all('rotation').sort((a, b) => b.value.startedAt - a.value.startedAt);
    return { rotations: newestFirst.map((found) => viewRotation(session, found)) };
  },

  'rotation.get': async ({ core }, { key }) => {
    const session = core.session();
    await session.need(...KINDS);
    const [newest] = rotationsOf(session.things, key);
    if (newest === undefined) throw new KeyholdError('NotFound', `${key} has not been rotated.`);
    return viewRotation(session, newest);
  },

  'rotation.resume': async (call, { key }) => {
    const found = await underWay(call, key);
    const { halt } = found.value;
    if (halt !== undefined && canBeConfirmed(halt.why)) {
      throw new KeyholdError('InUse', `The rotation of ${key} has to be confirmed. ${halt.message}`);
    }
    const resumed = await change(call, found.id, ({ halt: _over, ...record }) => record);
    void call.core.rotations.go(call, found.id);
    return viewRotation(call.core.session(), resumed);
  },

  'rotation.confirm': async (call, { key }) => {
    const { core } = call;
    const session = core.session();
    const found = await underWay(call, key);
    const confirmed = await change(call, found.id, (record) => {
      const { halt, ...rest } = record;
      if (halt === undefined || !canBeConfirmed(halt.why)) {
        throw new KeyholdError('InvalidInput', `The rotation of ${key} waits for nothing that can be confirmed.`);
      }
      return { ...rest, confirmed: [...rest.confirmed, { why: halt.why, at: core.ports.clock.now() }] };
    });
    void core.rotations.go(call, found.id);
    return viewRotation(session, confirmed);
  },

  'rotation.setMaxAge': ({ core, actor }, { target, maxAgeDays }) => {
    const session = core.session();
    const { things } = session;
    const days = maxAgeDays ?? undefined;
    return session.write(actor, (draft) => {
      if (target.kind === 'key') {
        const { id, value } = things.byName('accessKey', target.name);
        draft.put('accessKey', id, { ...value, maxAgeDays: days });
      } else if (target.kind === 'credential') {
        const { id, value } = things.byName('credential', target.name);
        if (value.type === 'smtp') {
          throw new KeyholdError('InvalidInput', `target: ${value.name} follows from an access key; say it of that.`);
        }
        draft.put('credential', id, { ...value, maxAgeDays: days });
      } else {
        const { id, value } = things.byName('account', target.name);
        if (value.kind === 'local') {
          throw new KeyholdError('InvalidInput', `target: ${value.name} is a local account, which has no access keys.`);
        }
        draft.put('account', id, { ...value, maxAgeDays: days });
      }
      draft.record('rotation.maxAge', target.name, { reason: days === undefined ? 'none' : `${days} days` });
      return () => ({});
    });
  },

  'rotation.rollback': async (call, { key }) => {
    const { core } = call;
    const session = core.session();
    const found = await underWay(call, key);
    const turn = () =>
      change(call, found.id, (record) => {
        if (record.outcome !== undefined) {
          throw new KeyholdError('InvalidInput', `The rotation of ${key} has ended; there is nothing to take back.`);
        }
        if (isGoingBack(record)) return record;
        const { halt: _over, ...rest } = record;
        return { ...rest, step: record.switchedAt === undefined ? 'discard' : 'reactivate' };
      });
    const turned = await core.rotations.turn(session, found.id, turn);
    void core.rotations.go(call, found.id);
    return viewRotation(session, turned);
  },
};

function newRecord(
  session: Session,
  { subject, input: { quarantineSeconds, mfaSerial } }: { subject: Subject; input: Input<'rotation.start'> },
  at: number,
): RotationRecord {
  const { things } = session;
  const keyId = subject.kind === 'accessKey' ? subject.id : subject.value.key;
  const key = things.must('accessKey', keyId);
  const ofProfile = things.all('profile').find((one) => one.value.key === keyId && one.value.mfaSerial !== undefined);
  const serial = mfaSerial ?? ofProfile?.value.mfaSerial;
  return {
    key: keyId,
    keyName: subject.value.name,
    account: key.account,
    accountName: things.must('account', key.account).name,
    step: 'preflight',
    confirmed: [],
    quarantineSeconds,
    ...(serial === undefined ? {} : { mfaSerial: serial }),
    ...replacedBy(subject),
    evidence: [],
    startedAt: at,
  };
}

function replacedBy(subject: Subject): Pick<RotationRecord, 'old' | 'credential'> {
  if (subject.kind === 'accessKey') {
    const { accessKeyId, secret, issuedAt } = subject.value;
    return { old: omitUndefined({ accessKeyId, secret, issuedAt }) };
  }
  const { id, value } = subject;
  const { name, type, credentialId: accessKeyId, secret, issuedAt } = value;
  if (accessKeyId === undefined || secret === undefined) throw unfinished(name);
  return type === 'service'
    ? {
        credential: { id, name, type, service: value.service },
        old: omitUndefined({ accessKeyId, secret, issuedAt, shown: value.userName, expiresAt: value.expiresAt }),
      }
    : { credential: { id, name, type }, old: omitUndefined({ accessKeyId, secret, issuedAt, shown: value.publicKey }) };
}

function unfinished(name: string): KeyholdError {
  return new KeyholdError('InvalidInput', `${name} is not complete. Add it once more with the same name first.`);
}

/** Throws for what is none of a user's, or is not to be used. */
function requireRotatable({ things }: Session, name: string): Subject {
  const subject = subjectOf(things, name);
  if (subject.kind === 'credential') {
    replacedBy(subject);
    requireUsable({ id: subject.value.key, value: things.must('accessKey', subject.value.key) });
    return subject;
  }
  requireUsable(subject);
  const twin = things
    .all('accessKey')
    .find(({ id, value }) => id !== subject.id && value.accessKeyId === subject.value.accessKeyId);
  if (twin === undefined) return subject;
  throw new KeyholdError(
    'InvalidInput',
    `${twin.value.name} is the same access key, and would stop working. Give its profiles ${subject.value.name} and remove it first.`,
  );
}

function requireUsable({ value: { name, token, status } }: Found<'accessKey'>): void {
  if (token !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `${name} is a temporary key, which ends by itself; there is nothing to rotate.`,
    );
  }
  if (status === 'active') return;
  throw new KeyholdError(
    'InvalidInput',
    `${name} is disabled in the vault. Enable it first: the rotation signs with it.`,
  );
}

function requireIdle({ things }: Session, subject: Subject): void {
  const isIts = ofSubject(subject);
  const active = things.all('rotation').find(({ value }) => isIts(value) && value.outcome === undefined);
  if (active === undefined) return;
  const { name } = subject.value;
  throw new KeyholdError('InUse', `${name} is being rotated already. Look at it with “keyhold rotate status ${name}”.`);
}

function ended({ things }: Session, subject: Subject): Found<'rotation'>[] {
  const isIts = ofSubject(subject);
  return things
    .all('rotation')
    .filter(({ value }) => isIts(value) && value.outcome !== undefined)
    .sort((a, b) => b.value.startedAt - a.value.startedAt);
}

async function underWay({ core }: CallContext, name: string): Promise<Found<'rotation'>> {
  const session = core.session();
  await session.need(...KINDS);
  const found = rotationsOf(session.things, name).find(({ value }) => value.outcome === undefined);
  if (found !== undefined) return found;
  subjectOf(session.things, name);
  throw new KeyholdError('NotFound', `No rotation of ${name} is under way.`);
}

function change(
  { core, actor }: CallContext,
  id: string,
  next: (record: RotationRecord) => RotationRecord,
): Promise<Found<'rotation'>> {
  const session = core.session();
  return session.write(actor, (draft) => {
    const before = session.things.must('rotation', id);
    const value = next(before);
    draft.put('rotation', id, value);
    if (value.step !== before.step) draft.record('rotation.turn', value.keyName, { account: value.accountName });
    return () => ({ id, value });
  });
}
