import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRotationLab, type RotationLab } from '../../support/rotation-lab.ts';

const MINUTE = 60_000;
let lab: RotationLab;

beforeEach(async () => {
  // What a panic waits for at most is not over at once.
  lab = await openRotationLab({ shortMs: 2500 });
});
afterEach(() => lab.close());

const call: RotationLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

test('keys that are due go one at a time in each account, whoever goes on with them, and stop between two steps in a panic', async () => {
  const aws = await lab.server();
  for (const name of ['one', 'two', 'other']) await lab.admit(name, { aws });
  const { present } = lab.iam;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reached = (): void => undefined;
  const isHeld = new Promise<void>((resolve) => {
    reached = resolve;
  });
  lab.iam.present = {
    ...present,
    async createAccessKey(...args) {
      reached();
      await held;
      return present.createAccessKey(...args);
    },
  };
  lab.clock.advance(2 * MINUTE);
  await call('key.update', { name: 'other', status: 'disabled' });
  await call('rotation.startDue', { olderThanSeconds: 60, quarantineSeconds: 0 });
  await isHeld;
  lab.clock.advance(MINUTE);
  const woken = lab.core.running.core.rotations.wake();
  // Time enough for a preflight, if anybody began one.
  await sleep(300);
  const steps = async () => (await call('rotation.list', {})).rotations.map(({ key, step }) => `${key} ${step}`).sort();
  expect(await steps()).toEqual(['one create', 'two preflight']);
  await call('panic.start', { now: true, keepUnlocked: true, keys: ['other'] });
  release();
  await woken;
  expect(await steps()).toEqual(['one verify', 'two preflight']);
  await call('panic.close', {});
  await lab.pass(MINUTE);
  expect((await call('rotation.list', {})).rotations).toMatchObject([{ state: 'done' }, { state: 'done' }]);
});
