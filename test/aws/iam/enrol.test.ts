import { afterAll, beforeAll, expect, test } from 'vitest';
import { callService, createUpstreamAgents, LOCAL_SERVICES } from '../../../src/aws/index.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';

const SERIAL = 'arn:aws:iam::123456789012:mfa/ada-phone';
const agents = createUpstreamAgents();
let core: TestCore;
let clock: FakeClock;
beforeAll(async () => {
  clock = createFakeClock();
  core = startTestCore({
    clock,
    callService: (call) => callService(call, { clock, log: silentLogger, agents }, LOCAL_SERVICES),
  });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
});
afterAll(async () => {
  agents.destroy();
  await core.dispose();
});

const iam = async (operation: string, input: Record<string, unknown> = {}) =>
  (await core.client.call('service.call', { account: 'lab', region: 'eu-west-1', service: 'iam', operation, input }))
    .output;

test('a vault enrols its own device for a user of its own account', async () => {
  await iam('CreateUser', { UserName: 'ada' });
  const begin = { name: 'ada-phone', profile: 'lab' };
  await expect(core.client.call('totp.enrollBegin', begin)).rejects.toMatchObject({
    code: 'InvalidInput',
    message: 'Name the user of the account lab that the device is for.',
  });
  await expect(core.client.call('totp.enrollBegin', { ...begin, userName: 'nobody' })).rejects.toMatchObject({
    code: 'ServiceRefused',
    message: 'The user with name nobody cannot be found.',
  });
  const device = await core.client.call('totp.enrollBegin', { ...begin, userName: 'ada' });
  expect(device).toMatchObject({ name: 'ada-phone', issuer: 'Keyhold', label: 'ada@123456789012', mfaSerial: SERIAL });
  const step = () => core.client.call('totp.enrollStep', { name: 'ada-phone' });
  expect(await step()).toMatchObject({ outcome: 'wait', have: 1 });
  clock.jump(30_000);
  expect(await step()).toMatchObject({ outcome: 'done' });
  expect(await iam('ListMFADevices', { UserName: 'ada' })).toMatchObject({
    MFADevices: [{ UserName: 'ada', SerialNumber: SERIAL }],
  });
  const { entries } = await core.client.call('audit.list', { text: 'MFADevice' });
  expect(entries.map(({ event }) => [event.action, event.target, event.decision])).toEqual(
    expect.arrayContaining([
      ['CreateVirtualMFADevice', SERIAL, 'allowed'],
      ['EnableMFADevice', 'arn:aws:iam::123456789012:user/ada', 'allowed'],
    ]),
  );
});

test('an enrolment that is taken back leaves no device', async () => {
  await core.client.call('totp.enrollBegin', { name: 'spare', profile: 'lab', userName: 'ada' });
  await expect(
    core.client.call('totp.enrollBegin', { name: 'ada-phone', profile: 'lab', userName: 'ada' }),
  ).rejects.toMatchObject({ code: 'AlreadyExists' });
  await core.client.call('totp.enrollCancel', { name: 'spare' });
  expect(await iam('ListVirtualMFADevices', { AssignmentStatus: 'Unassigned' })).toMatchObject({
    VirtualMFADevices: [],
  });
});

test('errors have the names of the service, and sentences', async () => {
  await expect(iam('GetUser', { UserName: 'nobody' })).rejects.toMatchObject({
    code: 'ServiceRefused',
    message: 'The user with name nobody cannot be found.',
    details: { name: 'NoSuchEntity' },
  });
  await expect(iam('CreateRole')).rejects.toMatchObject({ code: 'ServiceRefused' });
});
