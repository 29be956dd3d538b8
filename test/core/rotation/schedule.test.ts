import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { remind } from '../../../src/core/rotation/remind.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { enrolSoftKey } from '../../support/gate-keys.ts';
import { openRotationLab, type RotationLab } from '../../support/rotation-lab.ts';
import type { StrictAws } from '../../support/strict-aws/start-strict-aws.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A Monday, noon in Berlin. */
const START = Date.parse('2026-11-23T11:00:00Z');
let lab: RotationLab;
let aws: StrictAws;

beforeEach(async () => {
  lab = await openRotationLab({ clock: createFakeClock(START), timeZone: 'Europe/Berlin', giveUpMs: 20_000 });
  aws = await lab.server();
});
afterEach(() => lab.close());

const call: RotationLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);
/** A key that is due. */
async function admit(name: string) {
  const patient = await lab.admit(name, { aws });
  await call('rotation.setMaxAge', { target: { kind: 'key', name }, maxAgeDays: 1 });
  return patient;
}
const rotateIn = (name: string, days: ('mon' | 'tue' | 'wed')[]) =>
  call('rotation.schedule', {
    target: { kind: 'key', name },
    schedule: { auto: 'rotate', quarantineSeconds: 0, window: { days, from: '09:00', to: '17:00' } },
  });
const due = async (name: string) => (await call('rotation.due', {})).keys.find(({ key }) => key === name);
const begun = async () => (await call('rotation.list', {})).rotations.map(({ key, state }) => `${key} ${state}`);
/** Goes to a time, minute work included. */
const goTo = (time: string) => lab.pass(Date.parse(time) - lab.clock.now());
const notices = () => lab.core.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

describe('a schedule', () => {
  test('rotates what is due by itself, in its window and not before', async () => {
    const patient = await admit('deploy');
    await rotateIn('deploy', ['wed']);
    expect(await due('deploy')).toMatchObject({ state: 'soon', auto: 'rotate', rotatesAt: '2026-11-25T08:00:00.000Z' });
    await goTo('2026-11-24T12:00:00Z');
    expect(await due('deploy')).toMatchObject({ state: 'due', rotatesAt: '2026-11-25T08:00:00.000Z' });
    await goTo('2026-11-25T07:59:00Z');
    expect(await begun()).toEqual([]);
    // Nothing is said of what happens by itself.
    await remind(lab.core.running.core.session(), lab.core.running.core.ports);
    expect(notices()).toEqual([]);
    await goTo('2026-11-25T08:00:30Z');
    expect(await begun()).toEqual(['deploy done']);
    expect((await lab.check(patient)).surplus).toEqual([]);
    expect(notices().join(' ')).toContain('deploy is AKIA');
    expect(await due('deploy')).toMatchObject({ state: 'soon' });
  });

  test('of an account holds for its keys, one of them at a time, but not for those with their own', async () => {
    for (const name of ['one', 'two', 'three']) await admit(name);
    const [account] = (await call('account.list', {})).accounts;
    const target = { kind: 'account' as const, name: account?.name ?? '' };
    await call('rotation.schedule', { target, schedule: { auto: 'rotate' } });
    await call('rotation.schedule', { target: { kind: 'key', name: 'three' }, schedule: { auto: 'off' } });
    await lab.pass(DAY + 2 * MINUTE);
    await lab.pass(MINUTE);
    expect((await begun()).sort()).toEqual(['one quarantine', 'two quarantine']);
    const [second, first] = (await call('rotation.list', {})).rotations;
    const retired = first?.evidence.findLast(({ step }) => step === 'retire')?.at;
    expect(Date.parse(second?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(retired ?? 'never'));
    expect(await due('three')).toMatchObject({ auto: 'off' });
    const { keys } = await call('key.list', {});
    expect(keys.find(({ name }) => name === 'three')).toMatchObject({ schedule: { auto: 'off' } });
  });

  test('begins nothing while AWS cannot be reached, and asks it less and less often', async () => {
    await admit('deploy');
    await rotateIn('deploy', ['tue']);
    await aws.offline();
    const { present } = lab.iam;
    let asked = 0;
    lab.iam.present = {
      ...present,
      whoAmI(...args) {
        asked += 1;
        return present.whoAmI(...args);
      },
    };
    await goTo('2026-11-24T11:00:30Z');
    for (let minute = 0; minute < 20; minute++) await lab.pass(MINUTE);
    expect(await begun()).toEqual([]);
    expect(notices()).toEqual([]);
    // At once, after 1, 2, 5 and 10 minutes.
    expect(asked).toBe(5);
    await aws.online();
    // In its window still; the next look is at most a quarter of an hour away.
    for (let minute = 0; minute < 16 && (await begun()).length === 0; minute++) await lab.pass(MINUTE);
    expect(await begun()).toEqual(['deploy done']);
  });

  test('leaves to a person what wants one, and says so', async () => {
    await admit('gated');
    await enrolSoftKey(lab.core, 'blue');
    await call('gate.set', { target: { kind: 'key', name: 'gated' }, withinSeconds: 0, keys: 'any' });
    await rotateIn('gated', ['tue']);
    await admit('refused');
    await rotateIn('refused', ['tue', 'wed']);
    const user = aws.users.get('refused');
    if (user !== undefined) user.deny = ['iam:CreateAccessKey'];
    await goTo('2026-11-24T12:00:00Z');
    for (let minute = 0; minute < 3; minute++) await lab.pass(MINUTE);
    expect(await begun()).toEqual(['refused refused']);
    expect(await due('gated')).toMatchObject({ needsPerson: expect.stringContaining('touch') });
    expect(await due('refused')).toMatchObject({ needsPerson: expect.stringContaining('iam:CreateAccessKey') });
    await remind(lab.core.running.core.session(), lab.core.running.core.ports);
    expect(notices().join(' ')).toContain('gated, refused are older than they may be');
    // A day later it is tried once more.
    if (user !== undefined) user.deny = [];
    await goTo('2026-11-25T12:10:00Z');
    expect(await begun()).toContain('refused done');
  });

  test('does nothing about a key that is put off', async () => {
    await admit('deploy');
    await rotateIn('deploy', ['tue', 'wed']);
    await call('rotation.snooze', { key: 'deploy', seconds: 2 * 86_400 });
    await goTo('2026-11-24T12:00:00Z');
    expect(await begun()).toEqual([]);
    expect(await due('deploy')).toMatchObject({ state: 'snoozed', snoozedUntil: '2026-11-25T11:00:00.000Z' });
    await call('rotation.schedule', { target: { kind: 'key', name: 'deploy' }, schedule: null });
    await remind(lab.core.running.core.session(), lab.core.running.core.ports);
    expect(notices()).toEqual([]);
    await call('rotation.snooze', { key: 'deploy', seconds: null });
    await remind(lab.core.running.core.session(), lab.core.running.core.ports);
    expect(notices()).toHaveLength(1);
  });
});

describe('all that are due', () => {
  test('are begun with one call that says which and why not the others', async () => {
    const patients = [await admit('one'), await admit('two')];
    await admit('off');
    await lab.pass(DAY + MINUTE);
    await call('key.update', { name: 'off', status: 'disabled' });
    expect(await call('rotation.startDue', { plan: true })).toEqual({ begun: ['one', 'two'], skipped: [] });
    const all = await call('rotation.startDue', { plan: true, olderThanSeconds: 60 });
    expect(all).toMatchObject({
      begun: ['one', 'two'],
      skipped: [{ key: 'off', why: expect.stringContaining('disabled') }],
    });
    expect(await begun()).toEqual([]);
    expect(await call('rotation.startDue', { quarantineSeconds: 0 })).toMatchObject({ begun: ['one', 'two'] });
    await Promise.all(['one', 'two'].map((name) => lab.settled(name)));
    await lab.settled('two');
    await lab.pass(MINUTE);
    expect((await begun()).sort()).toEqual(['one done', 'two done']);
    for (const patient of patients) expect((await lab.check(patient)).surplus).toEqual([]);
    // One after the other: no call of the second before the last of the first.
    const users = aws.calls.flatMap(({ action, arn }) =>
      action === 'CreateAccessKey' || action === 'DeleteAccessKey' ? (arn ?? '') : [],
    );
    expect(users.map((arn) => arn.slice(arn.lastIndexOf('/') + 1))).toEqual(['one', 'one', 'two', 'two']);
    expect(await call('rotation.startDue', {})).toEqual({ begun: [], skipped: [] });
  });

  test('or those that are named: each with the quarantine of its schedule, one at a time', async () => {
    for (const name of ['one', 'two', 'three']) await lab.admit(name, { aws });
    const schedule = { auto: 'remind' as const, quarantineSeconds: 7 * 86_400 };
    await call('rotation.schedule', { target: { kind: 'key', name: 'one' }, schedule });
    expect(await call('rotation.plan', { key: 'one' })).toMatchObject({ quarantineSeconds: 604_800 });
    const wanted = { keys: ['one', 'two', 'ONE'] };
    expect(await call('rotation.startDue', { ...wanted, plan: true })).toEqual({ begun: ['one', 'two'], skipped: [] });
    await call('rotation.startDue', wanted);
    for (const name of ['one', 'two']) await lab.settled(name);
    const kept = async (name: string) => (await lab.get(name)).quarantineSeconds;
    expect(await Promise.all(['one', 'two'].map(kept))).toEqual([604_800, 86_400]);
    await call('rotation.schedule', { target: { kind: 'key', name: 'three' }, schedule });
    expect(await call('rotation.start', { key: 'three' })).toMatchObject({ quarantineSeconds: 604_800 });
    await expect(call('rotation.startDue', { ...wanted, olderThanSeconds: 60 })).rejects.toMatchObject({
      code: 'InvalidInput',
    });
    await expect(call('rotation.startDue', { keys: ['nobody'] })).rejects.toMatchObject({ code: 'NotFound' });
  });

  test('are in a calendar, with ids only where they are asked for', async () => {
    const { first } = await admit('deploy');
    const { text, events } = await call('rotation.calendar', {});
    expect(events).toBe(1);
    expect(text).toContain('DTSTART;VALUE=DATE:20261124\r\n');
    expect(text).toMatch(/SUMMARY:Rotate deploy \(at \d+\)/);
    expect(text).not.toContain('AKIA');
    expect((await call('rotation.calendar', { withIds: true })).text).toContain(first.accessKeyId);
    // The same entry, however often it is written.
    const uid = /^UID:.*$/m.exec(text)?.[0];
    await lab.pass(DAY);
    expect((await call('rotation.calendar', {})).text).toContain(uid);
  });
});

describe('planned while offline', () => {
  test('it waits, begins nothing without a word, and goes on once that is said', async () => {
    const patient = await admit('deploy');
    await aws.offline();
    await call('rotation.start', { key: 'deploy', quarantineSeconds: 0, whenOnline: true });
    expect(await lab.settled('deploy')).toMatchObject({
      state: 'planned',
      message: expect.stringContaining('once AWS can be reached'),
    });
    await lab.pass(5 * MINUTE);
    await lab.pass(5 * MINUTE);
    await aws.online();
    for (let minute = 0; minute < 16 && (await lab.get('deploy')).state === 'planned'; minute++) await lab.pass(MINUTE);
    expect(await lab.settled('deploy')).toMatchObject({ state: 'waiting', halt: 'begunOffline', needs: 'confirm' });
    expect((await call('rotation.due', {})).waiting).toBe(1);
    expect(notices().join(' ')).toContain('Confirm that it is still wanted');
    expect(aws.callsOf('CreateAccessKey')).toEqual([]);
    await call('rotation.confirm', { key: 'deploy' });
    expect(await lab.settled('deploy')).toMatchObject({ state: 'done' });
    expect((await lab.check(patient)).surplus).toEqual([]);
  });

  test('it begins at once where AWS can be reached after all', async () => {
    await admit('deploy');
    await call('rotation.start', { key: 'deploy', quarantineSeconds: 0, whenOnline: true });
    expect(await lab.settled('deploy')).toMatchObject({ state: 'done' });
  });
});
