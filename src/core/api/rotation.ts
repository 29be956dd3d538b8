import { KeyholdError } from '../../contract/errors.ts';
import { draftRotation, requireIdle, requireRotatable } from '../rotation/begin-rotation.ts';
import { canBeConfirmed } from '../rotation/halt.ts';
import { planRotation } from '../rotation/plan-rotation.ts';
import type { RotationRecord } from '../rotation/record.ts';
import { rotationsOf, subjectOf } from '../rotation/subject.ts';
import { isGoingBack, viewRotation } from '../rotation/view.ts';
import type { Found } from '../things.ts';
import type { CallContext, Handlers } from './handler.ts';

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
      const begun = draftRotation(draft, session, input, core.ports.clock.now());
      return () => begun;
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
