import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { canBeConfirmed } from '../rotation/halt.ts';
import { planRotation } from '../rotation/plan-rotation.ts';
import type { RotationRecord } from '../rotation/record.ts';
import { isGoingBack, viewRotation } from '../rotation/view.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { CallContext, Handlers } from './handler.ts';

/** Ended rotations of a key that are kept for the board. */
const KEPT = 5;
const KINDS = ['rotation', 'accessKey', 'account', 'profile', 'otpDevice'] as const;

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
    requireIdle(session, requireRotatable(session, input.key));
    return planRotation(call, session, input);
  },

  'rotation.start': async (call, input) => {
    const { core, actor } = call;
    const session = core.session();
    const started = await session.write(actor, (draft) => {
      const key = requireRotatable(session, input.key);
      requireIdle(session, key);
      for (const { id } of ended(session, key.id).slice(KEPT - 1)) draft.remove('rotation', id);
      const id = session.newId();
      const value = newRecord(session, key, input, core.ports.clock.now());
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
    const [newest] = ofKey(session, key);
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
  { id, value }: Found<'accessKey'>,
  { quarantineSeconds, mfaSerial }: Input<'rotation.start'>,
  at: number,
): RotationRecord {
  const ofProfile = session.things
    .all('profile')
    .find((one) => one.value.key === id && one.value.mfaSerial !== undefined);
  const serial = mfaSerial ?? ofProfile?.value.mfaSerial;
  return {
    key: id,
    keyName: value.name,
    account: value.account,
    accountName: session.things.must('account', value.account).name,
    step: 'preflight',
    confirmed: [],
    quarantineSeconds,
    ...(serial === undefined ? {} : { mfaSerial: serial }),
    old: {
      accessKeyId: value.accessKeyId,
      secret: value.secret,
      ...(value.issuedAt === undefined ? {} : { issuedAt: value.issuedAt }),
    },
    evidence: [],
    startedAt: at,
  };
}

/** Throws for a key that is none of a user's, or is not to be used. */
function requireRotatable(session: Session, name: string): Found<'accessKey'> {
  const key = session.things.byName('accessKey', name);
  if (key.value.token !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `${name} is a temporary key, which ends by itself; there is nothing to rotate.`,
    );
  }
  const twin = session.things
    .all('accessKey')
    .find(({ id, value }) => id !== key.id && value.accessKeyId === key.value.accessKeyId);
  if (twin !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `${twin.value.name} is the same access key, and would stop working. Give its profiles ${name} and remove it first.`,
    );
  }
  if (key.value.status === 'active') return key;
  throw new KeyholdError(
    'InvalidInput',
    `${name} is disabled in the vault. Enable it first: its rotation signs with it.`,
  );
}

function requireIdle(session: Session, key: Found<'accessKey'>): void {
  const active = session.things
    .all('rotation')
    .find(({ value }) => value.key === key.id && value.outcome === undefined);
  if (active === undefined) return;
  throw new KeyholdError(
    'InUse',
    `${key.value.name} is being rotated already. Look at it with “keyhold rotate status ${key.value.name}”.`,
  );
}

function ofKey({ things }: Session, name: string): Found<'rotation'>[] {
  const key = things.findByName('accessKey', name)?.id;
  return things
    .all('rotation')
    .filter(({ value }) => (key === undefined ? value.keyName === name : value.key === key))
    .sort((a, b) => b.value.startedAt - a.value.startedAt);
}

function ended({ things }: Session, key: string): Found<'rotation'>[] {
  return things
    .all('rotation')
    .filter(({ value }) => value.key === key && value.outcome !== undefined)
    .sort((a, b) => b.value.startedAt - a.value.startedAt);
}

async function underWay({ core }: CallContext, name: string): Promise<Found<'rotation'>> {
  const session = core.session();
  await session.need(...KINDS);
  const found = ofKey(session, name).find(({ value }) => value.outcome === undefined);
  if (found !== undefined) return found;
  session.things.byName('accessKey', name);
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
