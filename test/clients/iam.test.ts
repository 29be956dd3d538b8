import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { type ResidentAws, startResidentAws } from '../support/resident-aws.ts';
import { missing, run } from '../support/scenario.ts';
import { stepsOf } from './steps.ts';

const ACCOUNT = '123456789012';
const TOUR = fileURLToPath(new URL('./iam-tour.py', import.meta.url));
const noAws = missing('aws', ['iam', 'help'], 'the AWS CLI') ?? missing('oathtool', ['--version'], 'oathtool');
const noBoto3 = missing('python3', ['-c', 'import boto3'], 'boto3');
const INVALID = ['InvalidAuthenticationCode', 'Authentication code for device is not valid.', 403];

/** Enrolment of a virtual MFA device in a local account, by what people use for it. Tools sign for the Region of their profile, which is not IAM's. */
describe('the IAM of a local account', () => {
  let daemon: TestDaemon;
  let resident: ResidentAws;
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    [daemon, resident] = await Promise.all([startTestDaemon(), startResidentAws()]);
    await daemon.create();
    await daemon.call('account.add', { name: 'lab', accountId: ACCOUNT, kind: 'local', region: 'eu-central-1' });
    const { accessKeyId, secret, endpoint } = await daemon.addClient({ name: 'tour', account: 'lab' });
    folder = mkdtempSync(join(tmpdir(), 'kh-iam-'));
    env = {
      PATH: process.env['PATH'],
      HOME: folder,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_MAX_ATTEMPTS: '1',
    };
  });
  afterAll(async () => {
    resident?.close();
    await daemon?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const aws = (...args: string[]) => resident.run(['iam', ...args], env);
  const done = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await aws(...args);
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  };

  it.skipIf(noAws !== null)(
    `enrols with the AWS CLI and oathtool${noAws === null ? '' : ` (skipped: ${noAws})`}`,
    async () => {
      await done('create-user', '--user-name', 'ada');
      const seedFile = join(folder, 'seed.txt');
      const serial = `arn:aws:iam::${ACCOUNT}:mfa/ada-phone`;
      const make = ['create-virtual-mfa-device', '--virtual-mfa-device-name', 'ada-phone'];
      const created = await done(...make, '--outfile', seedFile, '--bootstrap-method', 'Base32StringSeed');
      expect(created).toEqual({ VirtualMFADevice: { SerialNumber: serial } });
      const seed = readFileSync(seedFile, 'utf8');
      expect(seed).toMatch(/^[A-Z2-7]{64}$/);

      const made = await run('oathtool', ['--totp', '-b', seed, '-w', '2']);
      const [first = '', second = '', third = ''] = made.stdout.trim().split('\n');
      const who = ['--user-name', 'ada', '--serial-number', serial];
      const enable = (one: string, two: string) =>
        aws('enable-mfa-device', ...who, '--authentication-code1', one, '--authentication-code2', two);
      const refusal =
        /An error occurred \(InvalidAuthenticationCode\) when calling the EnableMFADevice operation: Authentication code for device is not valid\./;
      for (const [one, two] of [
        [second, first],
        [first, third],
        [first, first],
      ] as const) {
        const result = await enable(one, two);
        expect(result.code).not.toBe(0);
        expect(result.stderr).toMatch(refusal);
      }
      expect(await enable(first, second)).toMatchObject({ code: 0, stderr: '' });
      expect(await done('list-mfa-devices', '--user-name', 'ada')).toMatchObject({
        MFADevices: [{ UserName: 'ada', SerialNumber: serial }],
      });
      await done('deactivate-mfa-device', ...who);
      expect((await enable(first, second)).stderr).toMatch(refusal);
      await done('delete-virtual-mfa-device', '--serial-number', serial);
      await done('delete-user', '--user-name', 'ada');
      expect(await done('list-users')).toEqual({ Users: [] });
      const { entries } = await daemon.call('audit.list', { text: 'MFADevice', limit: 50 });
      expect(entries.map(({ event }) => event)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ action: 'CreateVirtualMFADevice', target: serial, decision: 'allowed' }),
          expect.objectContaining({ action: 'EnableMFADevice', target: `arn:aws:iam::${ACCOUNT}:user/ada` }),
        ]),
      );
      expect(JSON.stringify(entries)).not.toContain(seed);
    },
  );

  it.skipIf(noBoto3 !== null)(`takes boto3 on a tour${noBoto3 === null ? '' : ` (skipped: ${noBoto3})`}`, async () => {
    const result = await run('python3', [TOUR], { env });
    expect(result.stderr).toBe('');
    const serial = `arn:aws:iam::${ACCOUNT}:mfa/boto3`;
    expect(stepsOf(result.stdout)).toEqual({
      user: [`arn:aws:iam::${ACCOUNT}:user/tour/boto3`, [{ Key: 'team', Value: 'blau' }]],
      twice: ['EntityAlreadyExists', 'User with name boto3 already exists.', 409],
      users: ['boto3'],
      device: [serial, 64, true],
      'not-consecutive': INVALID,
      'the-same-twice': INVALID,
      enabled: [serial],
      used: INVALID,
      'half-used': INVALID,
      assigned: [[serial, 'boto3']],
      get: true,
      'in-use': [
        ['DeleteConflict', 'MFA VirtualDevice in use. Must deactivate first.', 409],
        ['DeleteConflict', 'Cannot delete entity, must delete MFA device first.', 409],
      ],
      unsupported: ['UnsupportedOperation', expect.stringContaining('client of the account'), 400],
      gone: [['NoSuchEntity', 'The user with name boto3 cannot be found.', 404], []],
    });
  });
});
