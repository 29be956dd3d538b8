import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Moto, startMoto, whyNoMoto } from '../support/moto.ts';
import { missing, type Scenario, startScenario } from '../support/scenario.ts';

const reason = whyNoMoto() ?? missing('aws', ['--version'], 'the AWS CLI');
const POLICY = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
const trust = (user: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::123456789012:user/${user}` },
        Action: 'sts:AssumeRole',
      },
    ],
  });

/** moto with its own authentication on: it checks each signature against the secret it made itself. */
describe.skipIf(reason !== null)(`a foreign AWS (moto_server)${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let scenario: Scenario;
  let moto: Moto;

  beforeAll(async () => {
    // The first calls are free: they make the user and the roles.
    moto = await startMoto({ INITIAL_NO_AUTH_ACTION_COUNT: '5' });
    const { url } = moto;
    const admin = new IAMClient({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    const UserName = 'deploy';
    await admin.send(new CreateUserCommand({ UserName }));
    await admin.send(new PutUserPolicyCommand({ UserName, PolicyName: 'all', PolicyDocument: POLICY }));
    for (const [RoleName, user] of [
      ['reader', UserName],
      ['closed', 'somebody-else'],
    ] as const) {
      await admin.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(user) }));
    }
    const { AccessKey: created } = await admin.send(new CreateAccessKeyCommand({ UserName }));
    admin.destroy();
    const accessKeyId = created?.AccessKeyId ?? '';

    scenario = await startScenario();
    const { call, importKey } = scenario.daemon;
    await call('account.add', { name: 'moto', accountId: '123456789012', kind: 'remote', endpointUrl: url });
    await importKey({ name: 'moto-deploy', account: 'moto', accessKeyId }, created?.SecretAccessKey ?? '');
    await call('profile.add', { name: 'moto', account: 'moto', key: 'moto-deploy', region: 'us-east-1' });
    for (const role of ['reader', 'closed']) {
      const arn = `arn:aws:iam::123456789012:role/${role}`;
      await call('profile.add', { name: role, account: 'moto', source: 'moto', role: { arn }, region: 'us-east-1' });
    }
    // The right key id with a wrong secret: moto must refuse it, or the rest of this file shows nothing.
    await call('account.add', { name: 'impostor', accountId: '123456789012', kind: 'remote', endpointUrl: url });
    await importKey({ name: 'impostor', account: 'impostor', accessKeyId }, 'aSecretOfTheRightShapeButOfNobodyAtAll00');
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

  it('gives a role’s session, and takes what the door signs with it', async () => {
    const who = await aws('reader', 'sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text');
    expect([who.stdout, who.stderr]).toEqual(['arn:aws:sts::123456789012:assumed-role/reader/keyhold-reader\n', '']);
    const roles = await aws('reader', 'iam', 'list-roles');
    expect(roles.stderr).toMatch(/AccessDenied.*assumed-role\/reader.*iam:ListRoles/);
    const { sessions } = await scenario.daemon.call('session.list', {});
    expect(sessions.find(({ profile }) => profile === 'reader')).toMatchObject({ state: 'active', seconds: 3600 });
  });

  it('refuses a role whose trust names somebody else, and the tool hears why', async () => {
    const result = await aws('closed', 'sts', 'get-caller-identity');
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/AWS gives no session for the profile closed\. .*AccessDenied/);
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
