import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type IamLab, newAuthenticator, startIamLab, withCodes } from '../../support/iam-lab.ts';
import { refusal } from '../../support/kms-lab.ts';
import { LAB_ID } from '../../support/service-lab.ts';

const INVALID_CODE = {
  name: 'InvalidAuthenticationCodeException',
  message: 'Authentication code for device is not valid.',
  status: 403,
};
const MINUTE = 60_000;

let lab: IamLab;
let made = 0;
let user: string;
beforeAll(async () => {
  lab = await startIamLab();
});
afterAll(() => lab.dispose());
beforeEach(async () => {
  made += 1;
  user = `user${made}`;
  await lab.root.createUser({ UserName: user });
  // Whole steps, so that what is two steps away stays so.
  lab.clock.jump(30_000 - (lab.clock.now() % 30_000));
});

const device = (name = `device${made}`) => newAuthenticator(lab.root, lab.clock, name);

describe('a virtual MFA device', () => {
  test('is made with its seed as text and as a QR code, and never tells it again', async () => {
    const { VirtualMFADevice } = await lab.root.createVirtualMFADevice({
      VirtualMFADeviceName: 'phone',
      Path: '/phones/',
      Tags: [{ Key: 'maker', Value: 'acme' }],
    });
    const SerialNumber = `arn:aws:iam::${LAB_ID}:mfa/phones/phone`;
    expect(VirtualMFADevice).toMatchObject({ SerialNumber, Tags: [{ Key: 'maker', Value: 'acme' }] });
    const seed = Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString('ascii');
    expect(seed).toMatch(/^[A-Z2-7]{64}$/);
    const image = PNG.sync.read(Buffer.from(VirtualMFADevice?.QRCodePNG ?? []));
    const read = jsQR(new Uint8ClampedArray(image.data), image.width, image.height);
    expect(read?.data).toBe(`otpauth://totp/phone@${LAB_ID}?secret=${seed}`);
    const { VirtualMFADevices = [] } = await lab.root.listVirtualMFADevices({});
    expect(VirtualMFADevices.find((one) => one.SerialNumber === SerialNumber)).toEqual({ SerialNumber });
    expect(JSON.stringify(lab.audited)).not.toContain(seed);
    await lab.root.deleteVirtualMFADevice({ SerialNumber });
    expect(await refusal(lab.root.deleteVirtualMFADevice({ SerialNumber }))).toEqual({
      name: 'NoSuchEntityException',
      message: `VirtualMFADevice with serial number ${SerialNumber} doesn't exist.`,
      status: 404,
    });
  });

  test('is one of its path and name', async () => {
    await device('twin');
    const twin = lab.root.createVirtualMFADevice({ VirtualMFADeviceName: 'twin' });
    expect(await refusal(twin)).toEqual({
      name: 'EntityAlreadyExistsException',
      message: 'MFADevice entity at the same path and name already exists.',
      status: 409,
    });
    await lab.root.createVirtualMFADevice({ VirtualMFADeviceName: 'twin', Path: '/other/' });
  });

  test('has a serial number that requests can name', async () => {
    const long = lab.root.createVirtualMFADevice({ VirtualMFADeviceName: 'x'.repeat(300) });
    expect(await refusal(long)).toMatchObject({ name: 'ValidationError', status: 400 });
  });

  test('is enabled with two codes, listed, taken away and given to somebody else', async () => {
    const phone = await device();
    const SerialNumber = phone.serial;
    await lab.root.enableMFADevice(withCodes(user, phone));
    const EnableDate = new Date(lab.clock.now());
    expect((await lab.root.listMFADevices({ UserName: user })).MFADevices).toEqual([
      { UserName: user, SerialNumber, EnableDate },
    ]);
    expect(await lab.root.getMFADevice({ UserName: user, SerialNumber })).toMatchObject({
      UserName: user,
      SerialNumber,
      EnableDate,
    });
    const listed = async (AssignmentStatus: 'Assigned' | 'Unassigned') =>
      (await lab.root.listVirtualMFADevices({ AssignmentStatus })).VirtualMFADevices?.find(
        (one) => one.SerialNumber === SerialNumber,
      );
    expect(await listed('Assigned')).toMatchObject({ EnableDate, User: { UserName: user } });
    expect(await listed('Unassigned')).toBeUndefined();
    expect(await refusal(lab.root.deleteVirtualMFADevice({ SerialNumber }))).toEqual({
      name: 'DeleteConflictException',
      message: 'MFA VirtualDevice in use. Must deactivate first.',
      status: 409,
    });
    expect(await refusal(lab.root.deleteUser({ UserName: user }))).toEqual({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must delete MFA device first.',
      status: 409,
    });
    await lab.root.createUser({ UserName: `${user}b` });
    expect(await refusal(lab.root.enableMFADevice(withCodes(`${user}b`, phone, 2)))).toEqual({
      name: 'EntityAlreadyExistsException',
      message: 'MFA Device is already in use.',
      status: 409,
    });
    await lab.root.deactivateMFADevice({ UserName: user, SerialNumber });
    expect((await lab.root.listMFADevices({ UserName: user })).MFADevices).toEqual([]);
    await lab.root.enableMFADevice(withCodes(`${user}b`, phone, 2));
    await lab.root.deleteUser({ UserName: user });
  });

  test('belongs to one user: nobody else deactivates or shows it', async () => {
    const phone = await device();
    const SerialNumber = phone.serial;
    await lab.root.enableMFADevice(withCodes(user, phone));
    await lab.root.createUser({ UserName: `${user}b` });
    for (const call of [
      lab.root.deactivateMFADevice({ UserName: `${user}b`, SerialNumber }),
      lab.root.getMFADevice({ UserName: `${user}b`, SerialNumber }),
      lab.root.resyncMFADevice(withCodes(`${user}b`, phone, 2)),
      lab.root.deactivateMFADevice({ SerialNumber }),
    ]) {
      expect(await refusal(call)).toEqual({
        name: 'NoSuchEntityException',
        message: 'MFA Device invalid for user.',
        status: 404,
      });
    }
  });

  test('is one of eight at most', async () => {
    for (let i = 0; i < 8; i += 1) await lab.root.enableMFADevice(withCodes(user, await device(`many${i}`)));
    expect(await refusal(lab.root.enableMFADevice(withCodes(user, await device('many8'))))).toEqual({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for MFADevicesPerUser: 8',
      status: 409,
    });
    const first = await lab.root.listMFADevices({ UserName: user, MaxItems: 5 });
    expect(first).toMatchObject({ IsTruncated: true });
    const second = await lab.root.listMFADevices({ UserName: user, MaxItems: 5, Marker: first.Marker });
    expect(second).toMatchObject({ IsTruncated: false });
    const serials = [...(first.MFADevices ?? []), ...(second.MFADevices ?? [])].map((one) => one.SerialNumber);
    expect(new Set(serials).size).toBe(8);
  });
});

describe('authentication codes', () => {
  test('that are wrong, the same, in the wrong order or not of steps that follow are refused', async () => {
    const phone = await device();
    const wrong = String((Number(phone.code()) + 1) % 1_000_000).padStart(6, '0');
    const pairs = [
      { ...withCodes(user, phone), AuthenticationCode2: wrong },
      { ...withCodes(user, phone), AuthenticationCode1: wrong },
      withCodes(user, phone, 0, 0),
      withCodes(user, phone, 1, 0),
      withCodes(user, phone, 0, 2),
    ];
    for (const pair of pairs) expect(await refusal(lab.root.enableMFADevice(pair))).toEqual(INVALID_CODE);
    expect((await lab.root.listMFADevices({ UserName: user })).MFADevices).toEqual([]);
    await lab.root.enableMFADevice(withCodes(user, phone));
  });

  test('are good once, also for a device that was deactivated and after an unlock', async () => {
    const phone = await device();
    const codes = withCodes(user, phone);
    await lab.root.enableMFADevice(codes);
    expect(await refusal(lab.root.resyncMFADevice(codes))).toEqual(INVALID_CODE);
    expect(await refusal(lab.root.resyncMFADevice(withCodes(user, phone, 1)))).toEqual(INVALID_CODE);
    await lab.root.deactivateMFADevice({ UserName: user, SerialNumber: phone.serial });
    expect(await refusal(lab.root.enableMFADevice(codes))).toEqual(INVALID_CODE);
    await lab.relock();
    expect(await refusal(lab.root.enableMFADevice(codes))).toEqual(INVALID_CODE);
    await lab.root.enableMFADevice(withCodes(user, phone, 2));
  });

  test('enable one of two requests that bring the same at the same moment', async () => {
    const phone = await device();
    const codes = withCodes(user, phone);
    await lab.root.enableMFADevice(codes);
    const next = withCodes(user, phone, 2);
    const answers = await Promise.allSettled([lab.root.resyncMFADevice(next), lab.root.resyncMFADevice(next)]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('are taken up to ten minutes from now, and not from further', async () => {
    const phone = await device();
    const old = withCodes(user, phone);
    lab.clock.jump(11 * MINUTE);
    expect(await refusal(lab.root.enableMFADevice(old))).toEqual(INVALID_CODE);
    const late = withCodes(user, phone);
    lab.clock.jump(10 * MINUTE);
    await lab.root.enableMFADevice(late);
    expect(await refusal(lab.root.resyncMFADevice(withCodes(user, phone, 21)))).toEqual(INVALID_CODE);
    await lab.root.resyncMFADevice(withCodes(user, phone, 19));
  });

  test('have six digits', async () => {
    const phone = await device();
    const call = lab.root.enableMFADevice({ ...withCodes(user, phone), AuthenticationCode1: '12345x' });
    expect(await refusal(call)).toEqual({
      name: 'ValidationError',
      message:
        "1 validation error detected: Value '12345x' at 'authenticationCode1' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\d]+",
      status: 400,
    });
  });
});

test('users and devices that are not there are not found', async () => {
  const phone = await device();
  const missing = { name: 'NoSuchEntityException', message: 'The user with name nobody cannot be found.', status: 404 };
  const { serial: SerialNumber } = phone;
  for (const call of [
    lab.root.enableMFADevice(withCodes('nobody', phone)),
    lab.root.resyncMFADevice(withCodes('nobody', phone)),
    lab.root.deactivateMFADevice({ UserName: 'nobody', SerialNumber }),
    lab.root.listMFADevices({ UserName: 'nobody' }),
  ]) {
    expect(await refusal(call)).toEqual(missing);
  }
  for (const serial of [`arn:aws:iam::${LAB_ID}:mfa/none`, 'GAHT12345678', `arn:aws-cn:iam::${LAB_ID}:mfa/x`]) {
    const call = lab.root.enableMFADevice({ ...withCodes(user, phone), SerialNumber: serial });
    expect(await refusal(call)).toMatchObject({ name: 'NoSuchEntityException' });
  }
  expect((await lab.root.listMFADevices({})).MFADevices).toEqual([]);
});

test('tags of a device', async () => {
  const { serial: SerialNumber } = await device();
  await lab.root.tagMFADevice({
    SerialNumber,
    Tags: [
      { Key: 'b', Value: '1' },
      { Key: 'A', Value: '2' },
    ],
  });
  await lab.root.tagMFADevice({ SerialNumber, Tags: [{ Key: 'B', Value: '3' }] });
  const first = await lab.root.listMFADeviceTags({ SerialNumber, MaxItems: 1 });
  expect(first).toMatchObject({ Tags: [{ Key: 'A', Value: '2' }], IsTruncated: true });
  const second = await lab.root.listMFADeviceTags({ SerialNumber, Marker: first.Marker });
  expect(second).toMatchObject({ Tags: [{ Key: 'B', Value: '3' }], IsTruncated: false });
  await lab.root.untagMFADevice({ SerialNumber, TagKeys: ['a', 'none'] });
  expect((await lab.root.listMFADeviceTags({ SerialNumber })).Tags).toEqual([{ Key: 'B', Value: '3' }]);
});

test('the vault verifies after all of it', async () => {
  expect((await lab.core.client.call('vault.check', {})).ok).toBe(true);
});
