import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import { enrolSoftKey, type Finger, finger } from '../../support/gate-keys.ts';
import { type SessionLab, startSessionLab } from '../../support/session-lab.ts';

let lab: SessionLab;
let hand: Finger;
beforeEach(async () => {
  lab = await startSessionLab();
  const { core } = lab;
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await lab.addProfile('hub', 'hub', { key: 'alice' });
  await core.client.call('profile.update', { name: 'hub', mayLeave: { process: true, container: true } });
  hand = finger([await enrolSoftKey(core, 'blue')]);
  core.running.core.touch.use(hand.source);
});
afterEach(() => lab.dispose());

const gate = (kind: 'profile' | 'key', name: string) =>
  lab.core.client.call('gate.set', { target: { kind, name }, withinSeconds: 0, keys: 'any' });
const handOut = async () => {
  const { publicKey } = await createReplyKey();
  return lab.core.client.call('leave.process', { profile: 'hub', replyKey: publicKey });
};
const signal = new AbortController().signal;

it('a gated profile is touched for whenever its credentials go to a program, and before AWS is asked', async () => {
  await gate('profile', 'hub');
  hand.does = 'refuse';
  await expect(handOut()).rejects.toMatchObject({ code: 'TouchRequired' });
  expect(lab.stsCalls()).toEqual([]);
  hand.does = 'touch';
  const [first, second] = [await handOut(), await handOut()];
  expect(first.accessKeyId).toBe(second.accessKeyId);
  expect(hand.asked.slice(1).map(({ message }) => message)).toEqual(
    Array(2).fill('Touch “blue” to let the command line hand temporary credentials of hub to a tool.'),
  );
  const { entries } = await lab.core.client.call('audit.list', { limit: 20 });
  expect(entries.find(({ event }) => event.action === 'session.leave')?.event).toMatchObject({
    mfa: [{ key: 'blue' }],
  });
});

it('for the container endpoint it is touched for when the lease is made and when new ones are got', async () => {
  const lease = () =>
    lab.core.client.call('leave.container', { profile: 'hub', label: 'tool', expiresInSeconds: 12 * 3600 });
  const fetch = ({ lease: { id }, token }: Awaited<ReturnType<typeof lease>>) =>
    lab.core.running.core.containers.fetch(id, token, signal);
  const before = await lease();
  await fetch(before);
  expect(hand.asked).toEqual([]);
  // What was got without a touch is not handed out any more.
  await gate('profile', 'hub');
  await fetch(before);
  expect(hand.asked.map(({ message }) => message)).toEqual([
    'Touch “blue” to let tool have new temporary credentials of hub.',
  ]);
  await fetch(before);
  await lease();
  expect(hand.asked).toHaveLength(2);
  await lab.pass(41 * 60_000);
  await fetch(before);
  expect(hand.asked).toHaveLength(3);
  expect(lab.stsCalls()).toHaveLength(3);
});

it('a gated key is touched for each session that is got with it', async () => {
  await gate('key', 'alice');
  await handOut();
  await handOut();
  expect(hand.asked).toHaveLength(1);
});
