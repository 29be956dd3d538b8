import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const MINUTE = 60_000;
let core: TestCore;
let clock: FakeClock;
let printed: object;
let runs: number;

beforeEach(async () => {
  runs = 0;
  clock = createFakeClock();
  core = startTestCore({
    clock,
    programs: {
      run: async () => {
        runs += 1;
        return { code: 0, stdout: Uint8Array.from(Buffer.from(JSON.stringify(printed))), stderr: '' };
      },
    },
  });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', { name: 'prod', accountId: '222222222222', kind: 'remote' });
  await core.client.call('profile.add', {
    ...{ name: 'tool', account: 'prod', mayLeave: { process: true } },
    origin: { kind: 'process', command: ['/opt/bin/get-creds'] },
  });
});
afterEach(() => core.dispose());

const prints = (more: object) => {
  printed = { Version: 1, AccessKeyId: 'ASIAZQ4MXW3BN7KT7Q2X', SecretAccessKey: SECRET, ...more };
};
const until = (minutes: number) => ({ Expiration: new Date(clock.now() + minutes * MINUTE).toISOString() });
const handOut = async () => {
  const { publicKey } = await createReplyKey();
  return core.client.call('leave.process', { profile: 'tool', replyKey: publicKey });
};

it('what a program prints leaves as it is, and is on the list once however often it is printed again', async () => {
  prints({ SessionToken: 'token/+==', ...until(60) });
  expect(await handOut()).toMatchObject({ accessKeyId: 'ASIAZQ4MXW3BN7KT7Q2X', sessionToken: 'token/+==' });
  clock.advance(45 * MINUTE);
  await handOut();
  await core.client.call('session.revoke', { profile: 'tool' });
  await handOut();
  expect(runs).toBe(3);
  expect((await core.client.call('leave.list', {})).left).toHaveLength(1);
});

it.each<[string, object, string]>([
  ['a long-lived key', {}, 'long-lived key'],
  ['what lasts longer than twelve hours', { SessionToken: 'token' }, 'within 12 hours'],
])('%s never leaves', async (_what, more, sentence) => {
  prints({ ...more, ...until(13 * 60) });
  await expect(handOut()).rejects.toThrow(sentence);
  expect((await core.client.call('leave.list', {})).left).toEqual([]);
});
