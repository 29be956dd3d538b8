import {
  GetUser$,
  GetUserCommand,
  type GetUserCommandInput,
  type GetUserCommandOutput,
  type IAM,
  IAMClient,
} from '@aws-sdk/client-iam';
import {
  DeleteAlias$,
  DeleteAliasCommand,
  type DeleteAliasCommandInput,
  type DeleteAliasCommandOutput,
  type KMS,
  KMSClient,
} from '@aws-sdk/client-kms';
import { afterEach, expect, test } from 'vitest';
import constraints from '../../../src/aws/kms/constraints.json' with { type: 'json' };
import { operation } from '../../../src/aws/local/operation.ts';
import type { OperationContext } from '../../../src/aws/local/operation-context.ts';
import { userNameOf } from '../../../src/core/client-user-name.ts';
import { type Decision, evaluate, requestContext } from '../../../src/core/iam/index.ts';
import { CREDENTIALS, partOf, REGION, refusal, serve } from './harness.ts';

const done: string[] = [];

function decide({ caller, account }: OperationContext, action: string, resource: string): Decision {
  const { principal, policies } = caller;
  const context = requestContext(principal, {});
  return evaluate({ principal, action, resource, resourceAccount: account.accountId, context }, { identity: policies });
}

const kms = partOf<KMS>({
  name: 'kms',
  signingName: 'kms',
  version: '2014-11-01',
  protocols: ['awsJson1_1'],
  targetPrefix: 'TrentService',
  constraints,
  operations: {
    // Two decisions, as of an operation on two resources: the alias, and a key.
    DeleteAlias: operation<DeleteAliasCommandInput, DeleteAliasCommandOutput, string>(DeleteAlias$, {
      authorize: ({ AliasName }, ctx) => ({
        decisions: [
          decide(ctx, 'kms:DeleteAlias', `arn:aws:kms:${ctx.region}:${ctx.account.accountId}:${AliasName}`),
          decide(ctx, 'kms:DeleteAlias', `arn:aws:kms:${ctx.region}:${ctx.account.accountId}:key/k`),
        ],
        subject: `found for ${AliasName}`,
      }),
      handle(_input, _ctx, subject) {
        done.push(subject);
        return {};
      },
    }),
  },
});
const iam = partOf<IAM>({
  name: 'iam',
  signingName: 'iam',
  version: '2010-05-08',
  protocols: ['awsQuery'],
  constraints: { structures: {}, shapes: {} },
  operations: {
    GetUser: operation<GetUserCommandInput, GetUserCommandOutput>(GetUser$, {
      authorize: (_input, ctx) => ({ decisions: [decide(ctx, 'iam:GetUser', '*')], subject: undefined }),
      handle: () => ({ User: undefined }),
    }),
  },
});

const server = await serve(kms, iam);
const root = server.client;
const options = { endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 };
const kmsClient = new KMSClient(options);
const deleteAlias = () => kmsClient.send(new DeleteAliasCommand({ AliasName: 'alias/a' }));

function callAs(name: string, statements: readonly object[]): void {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  server.client = { ...root, name, principal: { type: 'policy', document, userName: userNameOf({ name }) } };
}
afterEach(() => {
  server.client = root;
  done.length = 0;
});

test('root may, and what was found for the decision reaches the handler', async () => {
  await deleteAlias();
  expect(done).toEqual(['found for alias/a']);
});

test('a client may what its policy allows', async () => {
  callAs('ci', [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }]);
  await deleteAlias();
  expect(done).toHaveLength(1);
  expect(server.exchanges.at(-1)?.audit).toMatchObject({ action: 'DeleteAlias', allowed: true });
});

test('one decision that denies is enough; nothing is done and the log has the reason', async () => {
  callAs('my tool', [{ Effect: 'Allow', Action: 'kms:*', Resource: 'arn:aws:kms:*:*:alias/*' }]);
  const refused = await refusal(deleteAlias());
  expect(refused).toEqual({
    name: 'AccessDeniedException',
    message:
      'User: arn:aws:iam::123456789012:user/keyhold/my=20tool is not authorized to perform: kms:DeleteAlias on resource: arn:aws:kms:eu-central-1:123456789012:key/k because no identity-based policy allows the kms:DeleteAlias action',
    status: 400,
  });
  expect(done).toEqual([]);
  expect(server.exchanges.at(-1)?.audit).toMatchObject({ allowed: false, reason: refused.message });
});

test('in the Query protocol a denial is AccessDenied with 403', async () => {
  callAs('ci', [{ Effect: 'Deny', Action: '*', Resource: '*' }]);
  const refused = await refusal(new IAMClient(options).send(new GetUserCommand()));
  expect(refused).toMatchObject({ name: 'AccessDenied', status: 403 });
  expect(refused.message).toContain('with an explicit deny in an identity-based policy');
});

test('a policy that cannot be read allows nothing', async () => {
  server.client = { ...root, principal: { type: 'policy', document: '{"Statement":', userName: 'tests' } };
  expect(await refusal(deleteAlias())).toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('The policy of the client "tests" cannot be read'),
  });
  expect(done).toEqual([]);
});

test('a service that is not there is refused with the account’s name', async () => {
  const { fetchStatus, text } = await fetch(server.url, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=A/20260102/eu-central-1/sqs/aws4_request' },
  }).then(async (response) => ({ fetchStatus: response.status, text: await response.text() }));
  expect(fetchStatus).toBe(501);
  expect(text).toContain('The local account &quot;lab&quot; has no service sqs in Keyhold.');
});

test('no two clients share an ARN', () => {
  expect(userNameOf({ name: 'ci-1_a@b.c,d+e=' })).toBe('ci-1_a@b.c,d+e=3d');
  expect(userNameOf({ name: 'a b' })).toBe('a=20b');
  expect(userNameOf({ name: 'a=20b' })).not.toBe(userNameOf({ name: 'a b' }));
  expect(userNameOf({ name: 'ä\u{1f511}' })).toBe('=c3=a4=f0=9f=94=91');
});
