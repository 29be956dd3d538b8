import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { remindOfPanic } from '../../../src/core/panic/remind-panic.ts';
import { openPanicLab, type PanicLab } from '../../support/panic-lab.ts';

let lab: PanicLab;
beforeAll(async () => {
  lab = await openPanicLab();
});
afterEach(async () => {
  lab.aws.clearFaults();
  if ((await call('status.get', {})).state === 'locked') await lab.core.unlock();
  await call('panic.close', {});
});
afterAll(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

describe('the network', () => {
  let name: string;
  let asked = 0;
  beforeEach(() => {
    asked += 1;
    name = `user${asked}`;
    lab.aws.calls.splice(0);
  });

  test.each(['GetCallerIdentity', 'PutRolePolicy', 'PutUserPolicy', 'ListAccessKeys', 'UpdateAccessKey'] as const)(
    'fails at %s: it locks all the same, says so, and goes on when it is asked to',
    async (action) => {
      const key = await lab.admit(name);
      await lab.addRole(`${name}-role`, name);
      lab.aws.fault({ action, kind: 'refuse', times: Number.POSITIVE_INFINITY });
      const report = await lab.start({ keys: [name] });
      expect((await call('status.get', {})).state).toBe('locked');
      if (action !== 'ListAccessKeys') {
        expect(report.complete).toBe(false);
        expect(report.next[0]).toContain('keyhold panic resume');
      }
      lab.aws.clearFaults();
      const before = lab.aws.calls.length;
      await lab.core.unlock();
      expect((await call('panic.status', {})).report).toEqual(report);
      expect(lab.aws.calls.length).toBe(before);
      expect(key.status).toBe(action === 'GetCallerIdentity' || action === 'UpdateAccessKey' ? 'Active' : 'Inactive');
      if (action === 'ListAccessKeys') return;
      const resumed = await call('panic.resume', {});
      expect(key.status).toBe('Inactive');
      // Off is off: what only the key could have done is for the console then, and the report says so.
      const alone = action === 'PutRolePolicy' || action === 'PutUserPolicy';
      expect(resumed.complete).toBe(!alone);
      if (alone) expect(resumed.next.join(' ')).toContain('work in the account any more): ');
      else expect(lab.aws.users.get(name)?.policies.size).toBe(1);
    },
  );

  test.each(['lost', 'failure'] as const)('answers with trouble once (%s): it is asked again', async (kind) => {
    const key = await lab.admit(name);
    for (const action of ['GetCallerIdentity', 'PutUserPolicy', 'UpdateAccessKey']) lab.aws.fault({ action, kind });
    expect(await lab.start({ keys: [name] })).toMatchObject({ complete: true });
    expect(key.status).toBe('Inactive');
  });

  test('hangs: the lock does not wait for it, and what was asked is told apart from what was not', async () => {
    await lab.admit(name);
    let reached = (): void => undefined;
    const hanging = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let release = (): void => undefined;
    lab.aws.onCall = ({ action }) => {
      if (action !== 'PutUserPolicy') return;
      reached();
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    };
    const started = lab.start({ keys: [name] });
    await hanging;
    lab.clock.advance(31_000);
    const report = await started;
    expect(report.steps.map(({ act, state }) => `${act} ${state}`)).toEqual(['deactivate todo', 'denyUser asked']);
    expect((await call('status.get', {})).state).toBe('locked');
    lab.aws.onCall = null;
    release();
    await lab.core.unlock();
    expect(await call('panic.resume', {})).toMatchObject({ complete: true });
  });

  test('is not asked at all where the lock is to come first', async () => {
    const key = await lab.admit(name);
    const report = await lab.start({ keys: [name], now: true });
    expect(report.steps.map(({ state }) => state)).toEqual(['todo']);
    expect((await call('status.get', {})).state).toBe('locked');
    expect(lab.aws.calls).toEqual([]);
    await lab.core.unlock();
    await remindOfPanic(lab.core.running.core.session());
    expect(lab.core.events.at(-1)).toMatchObject({
      type: 'notice',
      message: expect.stringMatching(/^A panic was begun at .*keyhold panic resume/),
    });
    expect((await call('key.list', {})).keys.find((one) => one.name === name)).toMatchObject({ status: 'disabled' });
    expect(await call('panic.resume', {})).toMatchObject({ complete: true });
    expect(key.status).toBe('Inactive');
  });
});
