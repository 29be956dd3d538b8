import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRotationLab, type Patient, type RotationLab } from '../../support/rotation-lab.ts';
import type { StrictAws } from '../../support/strict-aws/start-strict-aws.ts';
import type { StrictKey } from '../../support/strict-aws/state.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** AWS tells of a use some time after it. */
const DELAY = 15 * MINUTE;

describe('two vaults that share an IAM user and its key', () => {
  let desk: RotationLab;
  let laptop: RotationLab;
  let aws: StrictAws;
  let key: StrictKey;
  let atDesk: Patient;
  let atLaptop: Patient;

  beforeEach(async () => {
    desk = await openRotationLab();
    laptop = await openRotationLab({ clock: desk.clock });
    aws = await desk.server();
    atDesk = await desk.admit('alice', { aws });
    key = atDesk.first;
    tellLate(key, desk.clock.now);
    atLaptop = await laptop.adopt('alice', aws, key);
  });
  afterEach(async () => {
    await desk.close();
    await laptop.close();
  });

  const use = () => laptop.check(atLaptop, true);

  test('what the other one uses is not switched off before somebody says so', async () => {
    desk.clock.advance(24 * HOUR);
    await use();
    desk.clock.advance(HOUR);
    await desk.start('alice', { quarantineSeconds: 86_400 });
    const waits = await desk.settled('alice');
    expect(waits).toMatchObject({ state: 'waiting', halt: 'usedElsewhere', step: 'retire' });
    // Both work, the other one still with the old key, and it hears why it cannot rotate now.
    expect((await desk.check(atDesk)).present).toBe(waits.newAccessKeyId);
    await use();
    await laptop.start('alice');
    const full = await laptop.settled('alice');
    expect(full).toMatchObject({ state: 'refused' });
    expect(full.message).toContain(`${key.accessKeyId} (active`);
    expect(full.message).toContain(waits.newAccessKeyId ?? '');
    // Switched off all the same: the other one hears what is wrong, and a rollback helps.
    await desk.core.client.call('rotation.confirm', { key: 'alice' });
    expect(await desk.settled('alice')).toMatchObject({ state: 'quarantine' });
    const plan = await laptop.core.client.call('rotation.plan', { key: 'alice' });
    expect(plan.blockers).toMatchObject([{ halt: 'badKey', message: expect.stringContaining('inactive or deleted') }]);
    await desk.core.client.call('rotation.rollback', { key: 'alice' });
    expect(await desk.settled('alice')).toMatchObject({ state: 'rolledBack' });
    await use();
  });

  test('a use that AWS tells of during the quarantine keeps the old key from being deleted', async () => {
    desk.clock.advance(24 * HOUR);
    await desk.start('alice', { quarantineSeconds: 3600 });
    // Just before it is switched off.
    const updated = aws.reached('UpdateAccessKey');
    aws.onCall = async ({ action }) => {
      if (action !== 'UpdateAccessKey') return;
      aws.onCall = null;
      desk.clock.advance(6 * MINUTE);
      await use();
    };
    await updated;
    expect(await desk.settled('alice')).toMatchObject({ state: 'quarantine' });
    await desk.pass(30 * MINUTE);
    await desk.pass(90 * MINUTE);
    const waits = await desk.settled('alice');
    expect(waits).toMatchObject({ state: 'waiting', halt: 'usedElsewhere', step: 'watch', needs: 'confirm' });
    expect(key).toMatchObject({ status: 'Inactive', deleted: false });
  });

  test('both at once: one of them gets the new key, and nobody’s is deleted', async () => {
    await Promise.all([
      desk.start('alice', { quarantineSeconds: 3600 }),
      laptop.start('alice', { quarantineSeconds: 3600 }),
    ]);
    const states = [await desk.settled('alice'), await laptop.settled('alice')].map(({ state }) => state).sort();
    expect(states).toEqual(['quarantine', 'refused']);
    expect(desk.keysOf(atDesk)).toHaveLength(2);
    expect(aws.callsOf('DeleteAccessKey')).toEqual([]);
    const winner = (await desk.get('alice')).state === 'quarantine' ? desk : laptop;
    expect((await winner.check(winner === desk ? atDesk : atLaptop)).surplus).toEqual([key.accessKeyId]);
  });
});

function tellLate(key: StrictKey, now: () => number): void {
  const uses: NonNullable<StrictKey['lastUsed']>[] = [];
  Object.defineProperty(key, 'lastUsed', {
    get: () => uses.findLast(({ at }) => at <= now() - DELAY),
    set: (use: StrictKey['lastUsed']) => {
      if (use !== undefined) uses.push(use);
    },
  });
}
