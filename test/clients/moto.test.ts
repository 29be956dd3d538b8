import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Moto, startMoto, whyNoMoto } from '../support/moto.ts';
import { missing, run, type Scenario, startScenario } from '../support/scenario.ts';

const reason = whyNoMoto() ?? missing('aws', ['--version'], 'the AWS CLI');
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
const Created = z.object({ AccessKey: z.object({ AccessKeyId: z.string(), SecretAccessKey: z.string() }) });

/** moto with its own authentication on: it checks each signature against the secret it made itself. */
describe.skipIf(reason !== null)(`a foreign AWS (moto_server)${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let scenario: Scenario;
  let moto: Moto;

  beforeAll(async () => {
    // The first three calls are free: they make the user.
    moto = await startMoto({ INITIAL_NO_AUTH_ACTION_COUNT: '3' });
    const { url } = moto;
    const admin = async (...args: string[]) => {
      const result = await run('aws', ['--endpoint-url', url, '--region', 'us-east-1', '--output', 'json', ...args], {
        env: { PATH: process.env['PATH'], AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' },
      });
      if (result.code !== 0) throw new Error(result.stderr);
      return result.stdout;
    };
    await admin('iam', 'create-user', '--user-name', 'deploy');
    await admin('iam', 'put-user-policy', '--user-name', 'deploy', '--policy-name', 'all', '--policy-document', POLICY);
    const created = Created.parse(JSON.parse(await admin('iam', 'create-access-key', '--user-name', 'deploy')));

    scenario = await startScenario();
    const { call, importKey } = scenario.daemon;
    await call('account.add', { name: 'moto', accountId: '123456789012', kind: 'remote', endpointUrl: url });
    await importKey(
      { name: 'moto-deploy', account: 'moto', accessKeyId: created.AccessKey.AccessKeyId },
      created.AccessKey.SecretAccessKey,
    );
    await call('profile.add', { name: 'moto', account: 'moto', key: 'moto-deploy', region: 'us-east-1' });
    // The right key id with a wrong secret: moto must refuse it, or the rest of this file shows nothing.
    await call('account.add', { name: 'impostor', accountId: '123456789012', kind: 'remote', endpointUrl: url });
    await importKey(
      { name: 'impostor', account: 'impostor', accessKeyId: created.AccessKey.AccessKeyId },
      'aSecretOfTheRightShapeButOfNobodyAtAll00',
    );
    await call('profile.add', { name: 'impostor', account: 'impostor', key: 'impostor', region: 'us-east-1' });
  });
  afterAll(async () => {
    moto?.stop();
    await scenario?.close();
  });

  const aws = (profile: string, ...args: string[]) => scenario.keyhold(['exec', profile, '--', 'aws', ...args]);

  it('refuses a key that is not its own', async () => {
    const result = await aws('impostor', 's3api', 'list-buckets');
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/SignatureDoesNotMatch/);
  });

  it('takes what the door signed with the vaulted key', async () => {
    const ok = async (...args: string[]) => {
      const result = await aws('moto', ...args);
      expect(result.stderr, args.join(' ')).toBe('');
      return result.stdout;
    };
    expect(await ok('sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text')).toContain('user/deploy');
    await ok('s3', 'mb', 's3://foreign');
    expect(await ok('s3', 'ls')).toContain('foreign');
    await ok('ssm', 'put-parameter', '--name', '/a', '--value', 'b', '--type', 'String');
    expect(await ok('ssm', 'get-parameter', '--name', '/a', '--query', 'Parameter.Value', '--output', 'text')).toBe(
      'b\n',
    );
    expect(await ok('iam', 'list-users', '--query', 'Users[].UserName', '--output', 'text')).toBe('deploy\n');
    await ok(
      ...['dynamodb', 'create-table', '--table-name', 't', '--billing-mode', 'PAY_PER_REQUEST'],
      ...[
        '--attribute-definitions',
        'AttributeName=id,AttributeType=S',
        '--key-schema',
        'AttributeName=id,KeyType=HASH',
      ],
    );
    expect(await ok('dynamodb', 'list-tables', '--query', 'TableNames', '--output', 'text')).toBe('t\n');
  });

  it('takes what was signed with the session of a role that it gave, and refuses what the role may not', async () => {
    const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
    const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const admin = async (...args: string[]) => {
      const result = await aws('moto', 'iam', ...args);
      expect(result.stderr, args.join(' ')).toBe('');
    };
    await admin('create-role', '--role-name', 'reader', '--assume-role-policy-document', document(trust));
    const allowed = document({ Effect: 'Allow', Action: 'sts:*', Resource: '*' });
    await admin('put-role-policy', '--role-name', 'reader', '--policy-name', 'own', '--policy-document', allowed);
    await scenario.daemon.call('profile.add', {
      name: 'reader',
      account: 'moto',
      source: 'moto',
      role: { arn: 'arn:aws:iam::123456789012:role/reader', durationSeconds: 900 },
      region: 'us-east-1',
    });
    const who = await aws('reader', 'sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text');
    expect(who).toMatchObject({ code: 0, stdout: expect.stringContaining(':assumed-role/reader/keyhold-reader') });
    expect((await aws('reader', 'iam', 'list-users')).stderr).toMatch(/AccessDenied/);
    const { sessions } = await scenario.daemon.call('session.list', {});
    expect(sessions).toMatchObject([{ profile: 'reader', state: 'active', seconds: 900 }]);
  });

  it('lets its user’s key be rotated', async () => {
    const { call } = scenario.daemon;
    await call('account.remove', { name: 'impostor', cascade: true });
    const before = (await call('key.list', {})).keys.find(({ name }) => name === 'moto-deploy')?.accessKeyId ?? '';
    const rotated = await scenario.keyhold(['rotate', 'moto-deploy', '--quarantine', '0', '--yes', '--json']);
    expect(rotated).toMatchObject({ code: 0 });
    expect(JSON.parse(rotated.stdout)).toMatchObject({ state: 'done', user: 'deploy', oldAccessKeyId: before });
    const listed = await aws('moto', 'iam', 'list-access-keys', '--user-name', 'deploy', '--output', 'json');
    const { newAccessKeyId } = JSON.parse(rotated.stdout);
    expect(JSON.parse(listed.stdout).AccessKeyMetadata).toMatchObject([
      { AccessKeyId: newAccessKeyId, Status: 'Active' },
    ]);
  });
});
