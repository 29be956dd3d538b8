import {
  CreateUser$,
  CreateUserCommand,
  type CreateUserCommandInput,
  type CreateUserCommandOutput,
  type IAM,
  IAMClient,
  ListUsers$,
  type ListUsersCommandInput,
  type ListUsersCommandOutput,
  paginateListUsers,
  SimulateCustomPolicy$,
  SimulateCustomPolicyCommand,
  type SimulateCustomPolicyCommandInput,
  type SimulateCustomPolicyCommandOutput,
  UpdateUser$,
  UpdateUserCommand,
  type UpdateUserCommandInput,
  type UpdateUserCommandOutput,
} from '@aws-sdk/client-iam';
import {
  AssumeRole$,
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
  GetCallerIdentity$,
  GetCallerIdentityCommand,
  type GetCallerIdentityCommandInput,
  type GetCallerIdentityCommandOutput,
  GetSessionTokenCommand,
  type STS,
  STSClient,
} from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { operation } from '../../../src/aws/local/operation.ts';
import { openToken, sealToken } from '../../../src/aws/local/page-token.ts';
import { ServiceError } from '../../../src/aws/local/service-error.ts';
import { CREDENTIALS, FREE, partOf, REGION, refusal, serve } from './harness.ts';

const seen: unknown[] = [];
const NOTHING = { structures: {}, shapes: {} };

const sts = partOf<STS>({
  name: 'sts',
  signingName: 'sts',
  version: '2011-06-15',
  protocols: ['awsQuery'],
  xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  constraints: {
    structures: {
      AssumeRoleRequest: { required: ['RoleArn'], members: { DurationSeconds: 'Seconds', RoleSessionName: 'Name' } },
    },
    shapes: { Seconds: { min: 900, max: 43_200, integer: true }, Name: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' } },
  },
  operations: {
    GetCallerIdentity: operation<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>(GetCallerIdentity$, {
      authorize: () => FREE,
      handle: (_input, ctx) => ({ Account: ctx.account.accountId, Arn: ctx.caller.arn, UserId: '<&"\u{1f511}' }),
    }),
    AssumeRole: operation<AssumeRoleCommandInput, AssumeRoleCommandOutput>(AssumeRole$, {
      authorize: () => FREE,
      handle(input) {
        seen.push(input);
        return {
          Credentials: { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date(0) },
          PackedPolicySize: 6,
        };
      },
    }),
  },
});

const iam = partOf<IAM>({
  name: 'iam',
  signingName: 'iam',
  version: '2010-05-08',
  protocols: ['awsQuery'],
  xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  constraints: NOTHING,
  operations: {
    CreateUser: operation<CreateUserCommandInput, CreateUserCommandOutput>(CreateUser$, {
      authorize: () => FREE,
      handle({ UserName, Path = '/', Tags = [] }) {
        if (UserName === 'taken') {
          throw new ServiceError('EntityAlreadyExists', 'User with name taken already exists.', { status: 409 });
        }
        return {
          User: { UserName, Path, UserId: 'AIDA', Arn: 'arn', CreateDate: new Date(1_700_000_000_250), Tags },
        };
      },
    }),
    UpdateUser: operation<UpdateUserCommandInput, UpdateUserCommandOutput>(UpdateUser$, {
      authorize: () => FREE,
      handle: () => ({}),
    }),
    ListUsers: operation<ListUsersCommandInput, ListUsersCommandOutput>(ListUsers$, {
      authorize: () => FREE,
      async handle({ Marker, MaxItems }, ctx) {
        expect(MaxItems).toBe(1);
        const at = Marker === undefined ? 1 : Number(await openToken(ctx, Marker));
        const user = { UserName: `user ${at}`, Path: '/', UserId: 'AIDA', Arn: 'arn', CreateDate: new Date(0) };
        return at < 3
          ? { Users: [user], IsTruncated: true, Marker: await sealToken(ctx, String(at + 1)) }
          : { Users: [user, user], IsTruncated: false };
      },
    }),
    SimulateCustomPolicy: operation<SimulateCustomPolicyCommandInput, SimulateCustomPolicyCommandOutput>(
      SimulateCustomPolicy$,
      {
        authorize: () => FREE,
        handle(input) {
          seen.push(input);
          return {
            EvaluationResults: [
              {
                EvalActionName: 'a',
                EvalDecision: 'allowed',
                MatchedStatements: [],
                EvalDecisionDetails: { p: 'explicitDeny' },
              },
            ],
            IsTruncated: false,
          };
        },
      },
    ),
  },
});

const server = await serve(sts, iam);
const options = { endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 };
const stsClient = new STSClient(options);
const iamClient = new IAMClient(options);

async function raw(body: string, contentType = 'application/x-www-form-urlencoded; charset=utf-8') {
  const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': contentType }, body });
  return { status: response.status, body: await response.text() };
}

test('an operation without input, and text that XML has to escape', async () => {
  expect(await stsClient.send(new GetCallerIdentityCommand())).toMatchObject({
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:root',
    UserId: '<&"\u{1f511}',
  });
});

test('lists, structures in lists and numbers arrive', async () => {
  const { Credentials, PackedPolicySize } = await stsClient.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::123456789012:role/ä b+c&d=e%',
      RoleSessionName: 'session',
      DurationSeconds: 900,
      Tags: Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: '' })),
      TransitiveTagKeys: ['k1', 'k2'],
      PolicyArns: [],
    }),
  );
  expect(Credentials?.Expiration).toEqual(new Date(0));
  expect(PackedPolicySize).toBe(6);
  expect(seen.pop()).toEqual({
    RoleArn: 'arn:aws:iam::123456789012:role/ä b+c&d=e%',
    RoleSessionName: 'session',
    DurationSeconds: 900,
    Tags: Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: '' })),
    TransitiveTagKeys: ['k1', 'k2'],
    PolicyArns: [],
  });
});

test('structures, timestamps, maps and booleans come back; an operation without output has no result', async () => {
  const { User } = await iamClient.send(new CreateUserCommand({ UserName: 'u', Tags: [{ Key: 'a', Value: 'b' }] }));
  expect(User).toMatchObject({ CreateDate: new Date(1_700_000_000_250), Tags: [{ Key: 'a', Value: 'b' }] });
  expect((await iamClient.send(new UpdateUserCommand({ UserName: 'u' }))).$metadata.httpStatusCode).toBe(200);
  const simulated = await iamClient.send(
    new SimulateCustomPolicyCommand({
      PolicyInputList: ['{}'],
      ActionNames: ['a'],
      ContextEntries: [{ ContextKeyName: 'k', ContextKeyValues: ['v', 'w'], ContextKeyType: 'stringList' }],
    }),
  );
  expect(seen.pop()).toMatchObject({
    ContextEntries: [{ ContextKeyName: 'k', ContextKeyValues: ['v', 'w'], ContextKeyType: 'stringList' }],
  });
  expect(simulated.EvaluationResults?.[0]).toMatchObject({
    MatchedStatements: [],
    EvalDecisionDetails: { p: 'explicitDeny' },
  });
});

test('the SDK’s paginator walks the pages', async () => {
  const names: unknown[] = [];
  for await (const { Users = [] } of paginateListUsers({ client: iamClient, pageSize: 1 }, {})) {
    names.push(...Users.map(({ UserName }) => UserName));
  }
  expect(names).toEqual(['user 1', 'user 2', 'user 3', 'user 3']);
});

test('errors have the codes of the Query protocol', async () => {
  expect(await refusal(iamClient.send(new CreateUserCommand({ UserName: 'taken' })))).toEqual({
    name: 'EntityAlreadyExistsException',
    message: 'User with name taken already exists.',
    status: 409,
  });
  expect(await refusal(stsClient.send(new GetSessionTokenCommand()))).toMatchObject({
    name: 'InvalidAction',
    status: 400,
  });
  expect(
    await refusal(
      stsClient.send(new AssumeRoleCommand({ RoleArn: undefined, RoleSessionName: '?', DurationSeconds: 60 })),
    ),
  ).toEqual({
    name: 'ValidationError',
    message:
      "4 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; Value '?' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2; Value '?' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*; Value '60' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    status: 400,
  });
});

test.each([
  ['Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleArn=b', 'MalformedInput'],
  ['Action=AssumeRole&Action=GetCallerIdentity', 'MalformedInput'],
  ['Action=AssumeRole&RoleArn=%ff', 'MalformedInput'],
  ['Action=AssumeRole&DurationSeconds=soon', 'MalformedInput'],
  ['Action=AssumeRole&Tags.member.one.Key=a', 'MalformedInput'],
  ['Action=AssumeRole&Tags.1.Key=a', 'MalformedInput'],
  ['Action=AssumeRole&RoleArn.member.1=a', 'MalformedInput'],
  [`Action=AssumeRole&${'a.'.repeat(100)}b=1`, 'MalformedInput'],
  ['Action=GetCallerIdentity&Version=2099-01-01', 'InvalidAction'],
  ['Action=', 'InvalidAction'],
  ['Version=2011-06-15', 'InvalidAction'],
  ['', 'InvalidAction'],
])('%s is refused with %s', async (body, code) => {
  const answer = await raw(body);
  expect(answer.status).toBe(400);
  expect(answer.body).toContain(`<Type>Sender</Type><Code>${code}</Code>`);
  expect(answer.body).toContain(`<RequestId>${server.exchanges.at(-1)?.id}</RequestId>`);
});

test('the query of a GET is as good as a form', async () => {
  const response = await fetch(`${server.url}/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60`);
  expect(await response.text()).toBe(
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><UserId>&lt;&amp;&quot;\u{1f511}</UserId><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:root</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>${server.exchanges.at(-1)?.id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  );
});
