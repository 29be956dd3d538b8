import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  DeleteUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  ListUserPoliciesCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StrictAws, startStrictAws } from '../support/strict-aws/start-strict-aws.ts';

// The stand-in is judged by AWS's own clients: they read its shapes, and name its errors.

interface Credentials {
  accessKeyId?: string | undefined;
  secretAccessKey?: string | undefined;
  sessionToken?: string | undefined;
}

let now: number;
let aws: StrictAws;
const ended: (() => void)[] = [];

beforeEach(async () => {
  now = Math.floor(Date.now() / 1000) * 1000;
  aws = await startStrictAws({ now: () => now });
});

afterEach(async () => {
  for (const end of ended.splice(0)) end();
  await aws.close();
});

/** The client's clock is the stand-in's, unless it is told to be wrong. */
function options({ accessKeyId = '', secretAccessKey = '', sessionToken }: Credentials, skew = 0) {
  return {
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    maxAttempts: 1,
    systemClockOffset: now - Date.now() + skew,
  };
}

function sts(credentials: Credentials, skew = 0): STSClient {
  const client = new STSClient(options(credentials, skew));
  ended.push(() => client.destroy());
  return client;
}

function iam(credentials: Credentials): IAMClient {
  const client = new IAMClient(options(credentials));
  ended.push(() => client.destroy());
  return client;
}

interface Issued {
  AccessKeyId?: string | undefined;
  SecretAccessKey?: string | undefined;
  SessionToken?: string | undefined;
}

const issued = (given: Issued | undefined) => ({
  accessKeyId: given?.AccessKeyId,
  secretAccessKey: given?.SecretAccessKey,
  sessionToken: given?.SessionToken,
});

/** The error's name and sentence. */
async function refused(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
    throw error;
  }
  throw new Error('it was answered');
}

describe('who signs', () => {
  it('is known by a key, and by a session of it', async () => {
    aws.addUser('ada');
    const client = sts(aws.addKey('ada'));
    const arn = 'arn:aws:iam::123456789012:user/ada';
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: arn, Account: '123456789012' });
    const { Credentials: given } = await client.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    expect(given?.Expiration?.getTime()).toBe(now + 900_000);
    const session = sts(issued(given));
    expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: arn });
    expect(await refused(session.send(new GetSessionTokenCommand({})))).toBe(
      'AccessDenied: Cannot call GetSessionToken with session credentials',
    );
    expect(await refused(iam(issued(given)).send(new GetUserCommand({})))).toMatch('InvalidClientTokenId: ');
    expect(aws.calls.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'GetCallerIdentity ok',
      'GetSessionToken ok',
      'GetCallerIdentity ok',
      'GetSessionToken AccessDenied',
      'GetUser InvalidClientTokenId',
    ]);
  });

  it('is refused as AWS refuses it', async () => {
    aws.addUser('ada');
    const key = aws.addKey('ada');
    const ask = (credentials: Credentials, skew = 0) =>
      refused(sts(credentials, skew).send(new GetCallerIdentityCommand({})));
    expect(await ask({ ...key, secretAccessKey: 'x'.repeat(40) })).toMatch(
      'SignatureDoesNotMatch: The request signature',
    );
    expect(await ask({ ...key, accessKeyId: 'AKIANOBODY' })).toMatch('InvalidClientTokenId: ');
    expect(await ask({ ...key, sessionToken: 'made up' })).toMatch('SignatureDoesNotMatch: ');
    const { Credentials: given } = await sts(key).send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    expect(await ask({ ...issued(given), sessionToken: 'made up' })).toMatch('InvalidClientTokenId: ');
    expect(await ask({ ...issued(given), sessionToken: undefined })).toMatch('InvalidClientTokenId: ');
    now += 900_000;
    expect(await ask(issued(given))).toBe('ExpiredToken: The security token included in the request is expired');
    expect(await ask(key, -16 * 60_000)).toMatch(/^SignatureDoesNotMatch: Signature expired: .* is now earlier than/);
    expect(await ask(key, 16 * 60_000)).toMatch(/^SignatureDoesNotMatch: Signature not yet current: .* is still later/);
    key.status = 'Inactive';
    expect(await ask(key)).toMatch('InvalidClientTokenId: ');
    const anonymous = await fetch(`${aws.url}/?Action=GetCallerIdentity&Version=2011-06-15`);
    expect([anonymous.status, await anonymous.text()]).toEqual([403, expect.stringContaining('MissingAuthentication')]);
  });
});

describe('roles', () => {
  const assume = (credentials: Credentials, RoleArn: string, more: object = {}) =>
    sts(credentials).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'work', ...more }));

  it('trust whom they name, with an external id and MFA where they want it', async () => {
    const ada = aws.addUser('ada');
    aws.addUser('eve');
    const device = aws.addDevice('ada');
    const key = aws.addKey('ada');
    const role = aws.addRole('deploy', { principals: [ada.arn], externalId: 'e-1', mfa: true });
    const code = (): string => device.codeAt(now);
    const denied = (arn: string) =>
      `AccessDenied: User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${role.arn}`;
    const proof = () => ({ ExternalId: 'e-1', SerialNumber: device.serialNumber, TokenCode: code() });
    expect(await refused(assume(key, role.arn))).toBe(denied(ada.arn));
    expect(await refused(assume(key, role.arn, { ExternalId: 'e-1' }))).toBe(denied(ada.arn));
    expect(await refused(assume(aws.addKey('eve'), role.arn, { ExternalId: 'e-1' }))).toBe(
      denied('arn:aws:iam::123456789012:user/eve'),
    );
    expect(await refused(assume(key, role.arn, { ExternalId: 'e-1', SerialNumber: device.serialNumber }))).toBe(
      'AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
    );
    const { Credentials: given, AssumedRoleUser } = await assume(key, role.arn, proof());
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/deploy/work');
    expect(await sts(issued(given)).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: AssumedRoleUser?.Arn,
      UserId: AssumedRoleUser?.AssumedRoleId,
    });
    // The same step again.
    expect(await refused(assume(key, role.arn, proof()))).toBe(
      'AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. ',
    );
    now += 30_000;
    expect(await assume(key, role.arn, proof())).toHaveProperty('Credentials');
    expect(await refused(assume(aws.addKey('eve'), role.arn, proof()))).toMatch(/unable to validate MFA code/);
    // A session that MFA proved needs no second code.
    now += 30_000;
    const { Credentials: session } = await sts(key).send(
      new GetSessionTokenCommand({ SerialNumber: device.serialNumber, TokenCode: code() }),
    );
    expect(await assume(issued(session), role.arn, { ExternalId: 'e-1' })).toHaveProperty('Credentials');
  });

  it('last as long as they may, and an hour in a chain', async () => {
    const ada = aws.addUser('ada');
    const key = aws.addKey('ada');
    const first = aws.addRole('first', { principals: [ada.arn], maxSessionSeconds: 43_200 });
    const second = aws.addRole('second', {
      principals: [first.arn],
      maxSessionSeconds: 43_200,
      account: '210987654321',
    });
    const short = aws.addRole('short', { principals: ['arn:aws:iam::123456789012:root'] });
    const long = await assume(key, first.arn, { DurationSeconds: 43_200 });
    expect(long.Credentials?.Expiration?.getTime()).toBe(now + 43_200_000);
    expect(await refused(assume(key, short.arn, { DurationSeconds: 3601 }))).toBe(
      'ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
    expect(await refused(assume(key, short.arn, { DurationSeconds: 60 }))).toBe(
      "ValidationError: 1 validation error detected: Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    );
    const chain = issued(long.Credentials);
    expect(await refused(assume(chain, second.arn, { DurationSeconds: 3601 }))).toBe(
      'ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
    const { AssumedRoleUser } = await assume(chain, second.arn);
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::210987654321:assumed-role/second/work');
    expect(await refused(assume(key, second.arn))).toMatch('AccessDenied: User: ');
  });

  it('carry session policies, tags and a source identity', async () => {
    const ada = aws.addUser('ada');
    const role = aws.addRole('admin', { principals: [ada.arn] });
    const next = aws.addRole('next', { principals: [role.arn] });
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:GetUser', Resource: '*' }] };
    const given = await assume(aws.addKey('ada'), role.arn, {
      Policy: JSON.stringify(policy),
      SourceIdentity: 'ada',
      Tags: [{ Key: 'team', Value: 'red' }],
      TransitiveTagKeys: ['team'],
    });
    expect(given).toMatchObject({ SourceIdentity: 'ada', PackedPolicySize: expect.any(Number) });
    const client = iam(issued(given.Credentials));
    expect(await client.send(new GetUserCommand({ UserName: 'ada' }))).toMatchObject({ User: { UserName: 'ada' } });
    expect(await refused(client.send(new ListAccessKeysCommand({ UserName: 'ada' })))).toMatch('AccessDenied: ');
    expect(await refused(assume(issued(given.Credentials), next.arn))).toMatch('AccessDenied: ');
    const free = await assume(aws.addKey('ada'), role.arn, {
      Tags: [{ Key: 'team', Value: 'red' }],
      TransitiveTagKeys: ['team'],
    });
    expect(
      await refused(assume(issued(free.Credentials), next.arn, { Tags: [{ Key: 'team', Value: 'blue' }] })),
    ).toMatch('InvalidParameterValue: ');
    const { Credentials: last } = await assume(issued(free.Credentials), next.arn);
    expect([...(aws.sessions.get(last?.AccessKeyId ?? '')?.tags ?? [])]).toEqual([['team', 'red']]);
    expect(await refused(assume(aws.addKey('ada'), role.arn, { Policy: '{' }))).toMatch('MalformedPolicyDocument');
    expect(await refused(assume(aws.addKey('ada'), role.arn, { RoleSessionName: 'a b' }))).toMatch('ValidationError: ');
  });
});

describe('access keys', () => {
  it('are made up to two, listed, used, switched and deleted', async () => {
    aws.addUser('ada');
    const first = aws.addKey('ada');
    const client = iam(first);
    expect(await client.send(new GetUserCommand({}))).toMatchObject({
      User: { UserName: 'ada', Arn: 'arn:aws:iam::123456789012:user/ada', CreateDate: new Date(now) },
    });
    const { AccessKey: second } = await client.send(new CreateAccessKeyCommand({}));
    expect(second).toMatchObject({ UserName: 'ada', Status: 'Active' });
    expect(await refused(client.send(new CreateAccessKeyCommand({})))).toBe(
      'LimitExceededException: Cannot exceed quota for AccessKeysPerUser: 2',
    );
    const AccessKeyId = second?.AccessKeyId;
    expect((await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).AccessKeyLastUsed).toEqual({
      ServiceName: 'N/A',
      Region: 'N/A',
    });
    await sts(issued(second)).send(new GetCallerIdentityCommand({}));
    expect(await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).toMatchObject({
      UserName: 'ada',
      AccessKeyLastUsed: { ServiceName: 'sts', Region: 'us-east-1', LastUsedDate: new Date(now) },
    });
    await client.send(new UpdateAccessKeyCommand({ AccessKeyId, Status: 'Inactive' }));
    const { AccessKeyMetadata: listed } = await client.send(new ListAccessKeysCommand({ UserName: 'ada' }));
    expect(listed?.map((one) => [one.AccessKeyId, one.Status])).toEqual([
      [first.accessKeyId, 'Active'],
      [AccessKeyId, 'Inactive'],
    ]);
    expect(await refused(sts(issued(second)).send(new GetCallerIdentityCommand({})))).toMatch('InvalidClientTokenId: ');
    await client.send(new DeleteAccessKeyCommand({ AccessKeyId }));
    expect(await refused(client.send(new DeleteAccessKeyCommand({ AccessKeyId })))).toBe(
      `NoSuchEntityException: The Access Key with id ${AccessKeyId} cannot be found.`,
    );
    expect(await refused(client.send(new GetUserCommand({ UserName: 'bob' })))).toBe(
      'NoSuchEntityException: The user with name bob cannot be found.',
    );
  });

  it('are seen everywhere only after a while, where that is asked for', async () => {
    aws.addUser('ada');
    const client = iam(aws.addKey('ada'));
    aws.lag = { newKeys: { calls: 2, milliseconds: 5000 }, listing: { calls: 1 }, changes: { milliseconds: 3000 } };
    const { AccessKey: made } = await client.send(new CreateAccessKeyCommand({}));
    const list = async () => (await client.send(new ListAccessKeysCommand({}))).AccessKeyMetadata?.length;
    expect([await list(), await list()]).toEqual([1, 2]);
    const use = () => sts(issued(made)).send(new GetCallerIdentityCommand({}));
    for (let call = 0; call < 3; call++) expect(await refused(use())).toMatch('InvalidClientTokenId: ');
    now += 5000;
    await use();
    await client.send(new UpdateAccessKeyCommand({ AccessKeyId: made?.AccessKeyId, Status: 'Inactive' }));
    await use();
    now += 3000;
    expect(await refused(use())).toMatch('InvalidClientTokenId: ');
  });
});

describe('what a user may', () => {
  it('needs a session that MFA proved, where that is asked for', async () => {
    aws.addUser('ada', { mfa: true });
    const key = aws.addKey('ada');
    const device = aws.addDevice('ada');
    const client = iam(key);
    expect(await client.send(new ListMFADevicesCommand({}))).toMatchObject({
      MFADevices: [{ UserName: 'ada', SerialNumber: device.serialNumber, EnableDate: new Date(now) }],
    });
    expect(await refused(client.send(new CreateAccessKeyCommand({})))).toBe(
      'AccessDenied: User: arn:aws:iam::123456789012:user/ada is not authorized to perform: iam:CreateAccessKey on resource: user ada with an explicit deny in an identity-based policy',
    );
    const given = await sts(key).send(
      new GetSessionTokenCommand({ SerialNumber: device.serialNumber, TokenCode: device.codeAt(now + 30_000) }),
    );
    expect(await iam(issued(given.Credentials)).send(new CreateAccessKeyCommand({}))).toHaveProperty('AccessKey');
  });

  it('is what simulation says', async () => {
    const ada = aws.addUser('ada', { deny: ['iam:Delete*'] });
    aws.addUser('bob', { allow: ['iam:Simulate*', 'iam:Get*'] });
    const simulate = async (source: string, credentials: Credentials, entries: object[] = []) => {
      const { EvaluationResults: results } = await iam(credentials).send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: source,
          ActionNames: ['iam:CreateAccessKey', 'iam:DeleteAccessKey'],
          ContextEntries: entries,
        }),
      );
      return results?.map(({ EvalActionName, EvalDecision }) => `${EvalActionName} ${EvalDecision}`);
    };
    const key = aws.addKey('ada');
    expect(await simulate(ada.arn, key)).toEqual(['iam:CreateAccessKey allowed', 'iam:DeleteAccessKey explicitDeny']);
    expect(await simulate('arn:aws:iam::123456789012:user/bob', aws.addKey('bob'))).toEqual([
      'iam:CreateAccessKey implicitDeny',
      'iam:DeleteAccessKey implicitDeny',
    ]);
    expect(await refused(iam(aws.addKey('bob')).send(new ListAccessKeysCommand({})))).toMatch(
      /because no identity-based policy allows the iam:ListAccessKeys action$/,
    );
    const cy = aws.addUser('cy', { mfa: true });
    const entry = {
      ContextKeyName: 'aws:MultiFactorAuthPresent',
      ContextKeyType: 'boolean',
      ContextKeyValues: ['true'],
    };
    expect(await simulate(cy.arn, key)).toEqual([
      'iam:CreateAccessKey explicitDeny',
      'iam:DeleteAccessKey explicitDeny',
    ]);
    expect(await simulate(cy.arn, key, [entry])).toEqual([
      'iam:CreateAccessKey allowed',
      'iam:DeleteAccessKey allowed',
    ]);
  });

  it('follows its inline policies, such as a denial of older sessions', async () => {
    const ada = aws.addUser('ada');
    const key = aws.addKey('ada');
    const role = aws.addRole('open', { principals: ['*'] });
    const { Credentials: old } = await sts(key).send(new GetSessionTokenCommand({}));
    const client = iam(key);
    const statement = {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(now + 1000).toISOString() } },
    };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await client.send(new PutUserPolicyCommand({ UserName: 'ada', PolicyName: 'older', PolicyDocument }));
    expect((await client.send(new ListUserPoliciesCommand({ UserName: 'ada' }))).PolicyNames).toEqual(['older']);
    const got = await client.send(new GetUserPolicyCommand({ UserName: 'ada', PolicyName: 'older' }));
    expect(decodeURIComponent(got.PolicyDocument ?? '')).toBe(PolicyDocument);
    const assume = (credentials: Credentials) =>
      sts(credentials).send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'work' }));
    expect(await refused(assume(issued(old)))).toMatch(`AccessDenied: User: ${ada.arn}`);
    now += 2000;
    const { Credentials: fresh } = await sts(key).send(new GetSessionTokenCommand({}));
    await assume(issued(fresh));
    await client.send(new DeleteUserPolicyCommand({ UserName: 'ada', PolicyName: 'older' }));
    await assume(issued(old));
    expect(await refused(client.send(new DeleteUserPolicyCommand({ UserName: 'ada', PolicyName: 'older' })))).toMatch(
      'NoSuchEntityException: ',
    );
    const bad = new PutUserPolicyCommand({ UserName: 'ada', PolicyName: 'bad', PolicyDocument: 'no' });
    expect(await refused(client.send(bad))).toMatch('MalformedPolicyDocument');
  });
});

describe('faults', () => {
  const made = () => [...aws.keys.values()].length;

  it('meet the call that they are meant for, done or not', async () => {
    aws.addUser('ada');
    const client = iam(aws.addKey('ada'));
    const create = () => client.send(new CreateAccessKeyCommand({}));
    const counted = [];
    for (const kind of ['refuse', 'cut', 'failure', 'unavailable', 'throttle', 'denied'] as const) {
      aws.fault({ action: 'CreateAccessKey', kind });
      counted.push(`${kind} ${(await refused(create())).split(':')[0]} ${made()}`);
    }
    expect(counted).toEqual([
      expect.stringMatching(/^refuse .* 1$/),
      expect.stringMatching(/^cut .* 1$/),
      'failure ServiceFailureException 1',
      'unavailable ServiceUnavailable 1',
      'throttle Throttling 1',
      'denied AccessDenied 1',
    ]);
    aws.fault({ action: 'CreateAccessKey', kind: 'lost' });
    await refused(create());
    expect([made(), aws.callsOf('CreateAccessKey').at(-1)]).toEqual([
      2,
      expect.objectContaining({ outcome: 'ok', fault: 'lost' }),
    ]);
    aws.fault({ action: 'ListAccessKeys', kind: 'torn', from: 2 });
    const list = () => client.send(new ListAccessKeysCommand({}));
    await list();
    await refused(list());
    await list();
    aws.fault({
      action: '*',
      kind: { status: 400, code: 'RequestExpired', message: 'Request has expired.' },
      times: 2,
    });
    expect([await refused(list()), await refused(create())]).toEqual(
      Array.from({ length: 2 }, () => 'RequestExpired: Request has expired.'),
    );
    await list();
  });

  it('include silence, and a machine that nobody reaches', async () => {
    aws.addUser('ada');
    const client = iam(aws.addKey('ada'));
    for (const [kind, count] of [
      ['silent', 1],
      ['silent-done', 2],
    ] as const) {
      aws.fault({ action: 'CreateAccessKey', kind });
      const given = new AbortController();
      const call = refused(client.send(new CreateAccessKeyCommand({}), { abortSignal: given.signal }));
      const seen = await aws.reached('CreateAccessKey', count);
      await expect.poll(() => seen.outcome).toBeDefined();
      expect(made()).toBe(count);
      given.abort();
      expect(await call).toMatch('AbortError');
    }
    await aws.offline();
    expect(await refused(client.send(new GetUserCommand({})))).toMatch('ECONNREFUSED');
    await aws.online();
    await client.send(new GetUserCommand({}));
    let held: (() => void) | undefined;
    aws.onCall = () => new Promise((resolve) => (held = resolve));
    const answered = client.send(new GetUserCommand({}));
    await aws.reached('GetUser', 2);
    held?.();
    expect(await answered).toHaveProperty('User');
  });
});
