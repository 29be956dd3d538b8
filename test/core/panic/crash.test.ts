import { expect, test } from 'vitest';
import type { PanicReport } from '../../../src/contract/panic.ts';
import { openPanicLab, type PanicLab } from '../../support/panic-lab.ts';
import type { StrictCredential, StrictKey } from '../../support/strict-aws/state.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
/** Every so many points one is tried; all of them in the full form. */
const STRIDE = FULL ? 1 : 12;

/** Stands for kill -9: whatever is under way hears no more of it. */
class Killed extends Error {}

interface Case {
  lab: PanicLab;
  key: StrictKey;
  password: StrictCredential;
  /** Its pair takes seconds to make, so it is part of the full form alone. */
  sshKey: StrictCredential | undefined;
  /** From now on: dies at its point number `at`. */
  arm(at: number): { passed: number };
}

async function openCase(): Promise<Case> {
  const lab = await openPanicLab();
  const key = await lab.admit('alice');
  const password = await lab.addPassword('alice');
  const sshKey = FULL ? await lab.addSshKey('alice') : undefined;
  await lab.addRole('deploy', 'alice');
  await lab.use('deploy');
  return {
    lab,
    key,
    password,
    sshKey,
    arm(at) {
      const fate = { passed: 0 };
      let dead = false;
      lab.onPoint = () => {
        fate.passed += 1;
        if (dead || fate.passed === at) {
          dead = true;
          throw new Killed();
        }
      };
      const { vault } = lab.core.running.core.session();
      const transact = vault.transact.bind(vault);
      vault.transact = async (change) => {
        lab.onPoint?.('before a transaction');
        const committed = await transact(change);
        lab.onPoint?.('after a transaction');
        return committed;
      };
      return fate;
    },
  };
}

/** What the report says is so at AWS; where it says that an answer is missing, either may be. */
function holdsTrue({ lab, key, password, sshKey }: Case, { steps }: PanicReport): void {
  const attached = (policies: Map<string, string> | undefined) => (policies?.size ?? 0) > 0;
  const facts = {
    deactivate: key.status === 'Inactive',
    deactivatePassword: password.status === 'Inactive',
    deactivateSshKey: sshKey?.status === 'Inactive',
    denyUser: attached(lab.aws.users.get('alice')?.policies),
    denyRole: attached([...lab.aws.roles.values()][0]?.policies),
  };
  for (const { act, state } of steps) {
    if (state !== 'asked' && state !== 'undoing') {
      expect([act, state, facts[act]]).toEqual([act, state, state === 'done']);
    }
  }
  // What is done without having been written down would be a lie by omission.
  for (const act of ['denyUser', 'denyRole', 'deactivate', 'deactivatePassword', 'deactivateSshKey'] as const) {
    if (facts[act]) expect([act, steps.some((step) => step.act === act && step.state !== 'todo')]).toEqual([act, true]);
  }
}

test('kill -9 at every point leaves a report that is true, and goes on from there', {
  timeout: FULL ? 600_000 : 60_000,
}, async () => {
  const unharmed = await openCase();
  const fate = unharmed.arm(Number.POSITIVE_INFINITY);
  const whole = await unharmed.lab.start({ keepUnlocked: true });
  expect(whole.complete).toBe(true);
  holdsTrue(unharmed, whole);
  await unharmed.lab.close();
  const points = fate.passed;
  expect(points).toBeGreaterThan(20);
  const first = 1;
  for (let at = first; at <= points; at += STRIDE) {
    const one = await openCase();
    one.arm(at);
    await one.lab.start().catch(() => undefined);
    // What is dead writes nothing more, not even when it is ended.
    await one.lab.core.restart();
    one.lab.onPoint = null;
    await one.lab.core.unlock();
    const { report } = await one.lab.core.client.call('panic.status', {});
    if (report === null) {
      expect([at, one.key.status]).toEqual([at, 'Active']);
    } else {
      holdsTrue(one, report);
      const { keys } = await one.lab.core.client.call('key.list', {});
      expect(keys).toMatchObject([{ status: 'disabled' }]);
      if (!report.complete) await one.lab.core.client.call('panic.resume', {});
      const after = (await one.lab.core.client.call('panic.status', {})).report;
      expect(after?.steps.length).toBeGreaterThanOrEqual(2);
      if (after !== null) holdsTrue(one, after);
      expect([at, one.key.status, one.password.status]).toEqual([at, 'Inactive', 'Inactive']);
      if (one.sshKey !== undefined) expect([at, one.sshKey.status]).toEqual([at, 'Inactive']);
    }
    await one.lab.close();
  }
});

test('kill -9 at every point of taking it back: no less true, and taken back in the end', {
  timeout: FULL ? 600_000 : 60_000,
}, async () => {
  const begin = async (): Promise<Case> => {
    const one = await openCase();
    await one.lab.admit('admin');
    await one.lab.start({ keys: ['alice'], keepUnlocked: true });
    return one;
  };
  const unharmed = await begin();
  const fate = unharmed.arm(Number.POSITIVE_INFINITY);
  expect(await unharmed.lab.core.client.call('panic.undo', {})).toMatchObject({ state: 'undone' });
  await unharmed.lab.close();
  const stride = FULL ? 1 : 10;
  const first = 1;
  for (let at = first; at <= fate.passed; at += stride) {
    const one = await begin();
    one.arm(at);
    await one.lab.core.client.call('panic.undo', {}).catch(() => undefined);
    // What is dead writes nothing more, not even when it is ended.
    await one.lab.core.restart();
    one.lab.onPoint = null;
    await one.lab.core.unlock();
    const { report } = await one.lab.core.client.call('panic.status', {});
    if (report !== null) holdsTrue(one, report);
    if (report?.state === 'open') await one.lab.core.client.call('panic.undo', {});
    const after = (await one.lab.core.client.call('panic.status', {})).report;
    expect([at, after?.state, one.key.status, one.password.status]).toEqual([at, 'undone', 'Active', 'Active']);
    if (one.sshKey !== undefined) expect([at, one.sshKey.status]).toEqual([at, 'Active']);
    const { keys } = await one.lab.core.client.call('key.list', {});
    expect(keys.map(({ status }) => status)).toEqual(['active', 'active']);
    await one.lab.close();
  }
});
