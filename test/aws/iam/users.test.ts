import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IamLab, newAuthenticator, startIamLab, withCodes } from '../../support/iam-lab.ts';
import { refusal } from '../../support/kms-lab.ts';
import { LAB_ID, OTHER_ID } from '../../support/service-lab.ts';

let lab: IamLab;
beforeAll(async () => {
  lab = await startIamLab();
});
afterAll(() => lab.dispose());

describe('users', () => {
  test('are made, found, listed by path and deleted', async () => {
    const { User } = await lab.root.createUser({
      UserName: 'ada',
      Path: '/staff/',
      Tags: [{ Key: 'team', Value: 'blue' }],
    });
    expect(User).toEqual({
      Path: '/staff/',
      UserName: 'ada',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${LAB_ID}:user/staff/ada`,
      CreateDate: new Date(lab.clock.now() - (lab.clock.now() % 1000)),
      Tags: [{ Key: 'team', Value: 'blue' }],
    });
    expect((await lab.root.getUser({ UserName: 'ada' })).User).toEqual(User);
    await lab.root.createUser({ UserName: 'bob' });
    const names = async (input: Parameters<typeof lab.root.listUsers>[0]) =>
      (await lab.root.listUsers(input)).Users?.map((one) => one.UserName);
    expect(await names({})).toEqual(['ada', 'bob']);
    expect(await names({ PathPrefix: '/staff/' })).toEqual(['ada']);
    const first = await lab.root.listUsers({ MaxItems: 1 });
    expect(await names({ Marker: first.Marker })).toEqual(['bob']);
    expect(await refusal(lab.root.listUsers({ Marker: 'made-up' }))).toMatchObject({ name: 'ValidationError' });
    await lab.root.deleteUser({ UserName: 'ada' });
    expect(await refusal(lab.root.getUser({ UserName: 'ada' }))).toEqual({
      name: 'NoSuchEntityException',
      message: 'The user with name ada cannot be found.',
      status: 404,
    });
    await lab.root.deleteUser({ UserName: 'bob' });
  });

  test('are one of their name, in whatever case', async () => {
    await lab.root.createUser({ UserName: 'Carol' });
    expect(await refusal(lab.root.createUser({ UserName: 'carol', Path: '/x/' }))).toEqual({
      name: 'EntityAlreadyExistsException',
      message: 'User with name carol already exists.',
      status: 409,
    });
  });

  test('have neither the path of clients nor a boundary that is not there', async () => {
    const clients = lab.root.createUser({ UserName: 'root', Path: '/keyhold/' });
    expect(await refusal(clients)).toMatchObject({ name: 'ValidationError', status: 400 });
    const boundary = `arn:aws:iam::${LAB_ID}:policy/none`;
    expect(await refusal(lab.root.createUser({ UserName: 'dan', PermissionsBoundary: boundary }))).toEqual({
      name: 'NoSuchEntityException',
      message: `Scope ARN: ${boundary} does not exist or is not attachable.`,
      status: 404,
    });
  });

  test('have tags', async () => {
    const UserName = 'eve';
    const twice = [
      { Key: 'k', Value: '1' },
      { Key: 'K', Value: '2' },
    ];
    expect(await refusal(lab.root.createUser({ UserName, Tags: twice }))).toMatchObject({
      name: 'InvalidInputException',
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    });
    await lab.root.createUser({ UserName });
    const many = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
    await lab.root.tagUser({ UserName, Tags: many });
    expect(await refusal(lab.root.tagUser({ UserName, Tags: [{ Key: 'more', Value: '' }] }))).toMatchObject({
      name: 'LimitExceededException',
      status: 409,
    });
    await lab.root.untagUser({ UserName, TagKeys: many.slice(1).map(({ Key }) => Key) });
    expect((await lab.root.listUserTags({ UserName })).Tags).toEqual([{ Key: 'k0', Value: 'v' }]);
    expect(await refusal(lab.root.tagUser({ UserName, Tags: [{ Key: 'aws:x', Value: '' }] }))).toMatchObject({
      name: 'InvalidInputException',
    });
  });

  test('who the caller is', async () => {
    expect((await lab.root.getUser({})).User).toMatchObject({
      UserId: LAB_ID,
      Arn: `arn:aws:iam::${LAB_ID}:root`,
    });
    const client = await lab.connect('ci', { statements: [{ Effect: 'Allow', Action: 'iam:GetUser', Resource: '*' }] });
    expect((await client.getUser({})).User).toMatchObject({
      Path: '/keyhold/',
      UserName: 'ci',
      Arn: `arn:aws:iam::${LAB_ID}:user/keyhold/ci`,
    });
  });
});

describe('an account', () => {
  test('has users and devices of its own, in every Region', async () => {
    const other = await lab.connect('other', { account: 'other', region: 'ap-southeast-2' });
    await lab.root.createUser({ UserName: 'same' });
    await other.createUser({ UserName: 'same' });
    const mine = await newAuthenticator(lab.root, lab.clock, 'same');
    const theirs = await newAuthenticator(other, lab.clock, 'same');
    expect(theirs.serial).toBe(`arn:aws:iam::${OTHER_ID}:mfa/same`);
    expect(await refusal(lab.root.enableMFADevice(withCodes('same', theirs)))).toMatchObject({
      name: 'NoSuchEntityException',
    });
    await other.enableMFADevice(withCodes('same', theirs));
    const elsewhere = await lab.connect('elsewhere', { region: 'us-west-2' });
    await elsewhere.enableMFADevice(withCodes('same', mine));
    expect((await other.listUsers({})).Users).toHaveLength(1);
  });

  test('that is in China has the names of China', async () => {
    const china = await lab.connect('china', { region: 'cn-northwest-1' });
    const { User } = await china.createUser({ UserName: 'li' });
    expect(User?.Arn).toBe(`arn:aws-cn:iam::${LAB_ID}:user/li`);
  });

  test('that is emptied or removed takes its users and the seeds of its devices along', async () => {
    const objects = async () =>
      (await lab.core.client.call('hsm.objects', {})).objects.filter((one) => one.spec === 'OTP_SEED');
    const before = await objects();
    expect(before.length).toBeGreaterThan(1);
    await expect(lab.core.client.call('account.remove', { name: 'other' })).rejects.toMatchObject({ code: 'InUse' });
    await lab.core.client.call('account.remove', { name: 'other', cascade: true });
    expect(await objects()).toHaveLength(before.length - 1);
    const { removed } = await lab.core.client.call('account.reset', { name: 'lab' });
    expect(removed).toBeGreaterThan(3);
    expect(await objects()).toEqual([]);
    expect((await lab.root.listUsers({})).Users).toEqual([]);
    expect((await lab.root.listVirtualMFADevices({})).VirtualMFADevices).toEqual([]);
    expect((await lab.core.client.call('vault.check', {})).ok).toBe(true);
  });
});

test('what is not there yet is refused with its reason', async () => {
  expect(await refusal(lab.root.createAccessKey({ UserName: 'x' }))).toEqual({
    name: 'UnsupportedOperation',
    message:
      'Access keys of users come with the rest of the IAM service. Until then, give each tool a client of the account.',
    status: 400,
  });
});
