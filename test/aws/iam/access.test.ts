import type { IAM } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Authenticator, type IamLab, newAuthenticator, startIamLab, withCodes } from '../../support/iam-lab.ts';
import { refusal } from '../../support/kms-lab.ts';
import { LAB_ID } from '../../support/service-lab.ts';

const ARN = `arn:aws:iam::${LAB_ID}`;

let lab: IamLab;
let phone: Authenticator;
beforeAll(async () => {
  lab = await startIamLab();
  await lab.root.createUser({ UserName: 'ann', Path: '/staff/', Tags: [{ Key: 'team', Value: 'blue' }] });
  phone = await newAuthenticator(lab.root, lab.clock, 'ann');
});
afterAll(() => lab.dispose());

const tags = [{ Key: 'a', Value: 'b' }];
const UserName = 'ann';
/** Each operation, the action that it needs and on what. */
const CALLS: [string, string, (client: IAM) => Promise<unknown>][] = [
  ['CreateUser', 'user/x/y', (c) => c.createUser({ UserName: 'y', Path: '/x/' })],
  ['GetUser', 'user/staff/ann', (c) => c.getUser({ UserName })],
  ['GetUser', 'user/nobody', (c) => c.getUser({ UserName: 'nobody' })],
  ['ListUsers', 'user/', (c) => c.listUsers({})],
  ['ListUsers', 'user/staff/', (c) => c.listUsers({ PathPrefix: '/staff/' })],
  ['DeleteUser', 'user/staff/ann', (c) => c.deleteUser({ UserName })],
  ['TagUser', 'user/staff/ann', (c) => c.tagUser({ UserName, Tags: tags })],
  ['UntagUser', 'user/staff/ann', (c) => c.untagUser({ UserName, TagKeys: ['a'] })],
  ['ListUserTags', 'user/staff/ann', (c) => c.listUserTags({ UserName })],
  ['CreateVirtualMFADevice', 'mfa/new', (c) => c.createVirtualMFADevice({ VirtualMFADeviceName: 'new' })],
  ['EnableMFADevice', 'user/staff/ann', (c) => c.enableMFADevice(withCodes(UserName, phone))],
  ['ResyncMFADevice', 'user/staff/ann', (c) => c.resyncMFADevice(withCodes(UserName, phone))],
  ['DeactivateMFADevice', 'user/staff/ann', (c) => c.deactivateMFADevice({ UserName, SerialNumber: phone.serial })],
  ['ListMFADevices', 'user/staff/ann', (c) => c.listMFADevices({ UserName })],
  ['GetMFADevice', 'user/staff/ann', (c) => c.getMFADevice({ UserName, SerialNumber: phone.serial })],
  ['ListVirtualMFADevices', 'mfa/', (c) => c.listVirtualMFADevices({})],
  ['DeleteVirtualMFADevice', 'mfa/ann', (c) => c.deleteVirtualMFADevice({ SerialNumber: phone.serial })],
  ['TagMFADevice', 'mfa/ann', (c) => c.tagMFADevice({ SerialNumber: phone.serial, Tags: tags })],
  ['UntagMFADevice', 'mfa/ann', (c) => c.untagMFADevice({ SerialNumber: phone.serial, TagKeys: ['a'] })],
  ['ListMFADeviceTags', 'mfa/ann', (c) => c.listMFADeviceTags({ SerialNumber: phone.serial })],
];

test('nothing is allowed that no policy allows, and whether there is such a user is not told', async () => {
  const stranger = await lab.connect('stranger', { statements: [] });
  for (const [action, resource, call] of CALLS) {
    const { name, message, status } = await refusal(call(stranger));
    expect({ name, status }, action).toEqual({ name: 'AccessDenied', status: 403 });
    expect(message).toContain(`iam:${action} on resource: ${ARN}:${resource}`);
  }
});

test('the action on the resource is what has to be allowed', async () => {
  for (const [at, [action, resource, call]] of CALLS.entries()) {
    const may = { Effect: 'Allow', Action: `iam:${action}`, Resource: `${ARN}:${resource}` };
    const client = await lab.connect(`may ${at}`, { statements: [may] });
    const outcome = await call(client).then(
      () => 'done',
      (error: Error) => error.name,
    );
    expect(outcome, action).not.toBe('AccessDenied');
    // What the calls have changed.
    await lab.root.createUser({ UserName, Path: '/staff/' }).catch(() => undefined);
    await lab.root.createVirtualMFADevice({ VirtualMFADeviceName: 'ann' }).catch(() => undefined);
  }
});

test('tags, and the tags of what is asked for, are conditions', async () => {
  await lab.root.createUser({ UserName: 'blue', Tags: [{ Key: 'team', Value: 'blue' }] });
  await lab.root.createUser({ UserName: 'red', Tags: [{ Key: 'team', Value: 'red' }] });
  const client = await lab.connect('of team blue', {
    statements: [
      {
        Effect: 'Allow',
        Action: ['iam:GetUser', 'iam:DeleteUser'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceTag/team': 'blue' } },
      },
      {
        Effect: 'Allow',
        Action: ['iam:CreateUser', 'iam:TagUser'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestTag/team': 'blue', 'aws:RequestedRegion': 'us-east-1' } },
      },
      { Effect: 'Allow', Action: 'iam:CreateUser', Resource: `${ARN}:user/bare` },
    ],
  });
  await client.getUser({ UserName: 'blue' });
  const denied = { name: 'AccessDenied', status: 403 };
  expect(await refusal(client.getUser({ UserName: 'red' }))).toMatchObject(denied);
  expect(await refusal(client.createUser({ UserName: 'x' }))).toMatchObject(denied);
  await client.createUser({ UserName: 'x', Tags: [{ Key: 'team', Value: 'blue' }] });
  // To make a user with tags is to tag it, too.
  await client.createUser({ UserName: 'bare' });
  await client.deleteUser({ UserName: 'blue' });
  await lab.root.deleteUser({ UserName: 'bare' });
  const tagged = client.createUser({ UserName: 'bare', Tags: [{ Key: 'team', Value: 'red' }] });
  expect((await refusal(tagged)).message).toContain('iam:TagUser');
});
