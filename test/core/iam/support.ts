import {
  type AccessRequest,
  type FederatedUserSession,
  type IamUser,
  type NamedPolicy,
  parsePolicy,
  type RequestPrincipal,
  type RoleSession,
  requestContext,
} from '../../../src/core/iam/index.ts';

export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
export const ROOT_ARN = `arn:aws:iam::${ACCOUNT}:root`;
export const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/team/Dev`;

const of = { partition: 'aws', account: ACCOUNT };

export const ROOT: RequestPrincipal = { type: 'root', ...of };
export const ALICE: IamUser = {
  type: 'user',
  ...of,
  arn: `arn:aws:iam::${ACCOUNT}:user/Alice`,
  id: 'AIDAALICE0000000EXAMPLE',
};
export const BOB: IamUser = { type: 'user', ...of, arn: `arn:aws:iam::${ACCOUNT}:user/ops/Bob` };
export const SESSION: RoleSession = {
  type: 'roleSession',
  ...of,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Dev/laptop`,
  roleArn: ROLE_ARN,
  roleId: 'AROADEV00000000EXAMPLE',
};
export const FEDERATED: FederatedUserSession = {
  type: 'federatedUser',
  ...of,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/Carol`,
  userArn: ALICE.arn,
};
export const LOGS: RequestPrincipal = { type: 'service', service: 'logs.amazonaws.com' };
export const GOOGLE: RequestPrincipal = { type: 'webIdentity', provider: 'accounts.google.com' };
export const ANONYMOUS: RequestPrincipal = { type: 'anonymous' };

/** Statements as a person writes them: what is left out gets a value that covers everything. */
export type LooseStatement = Readonly<Record<string, unknown>>;

function document(statements: readonly LooseStatement[], defaults: LooseStatement): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => {
      const filled: Record<string, unknown> = { Effect: 'Allow', ...statement };
      for (const [name, value] of Object.entries(defaults)) {
        if (!(name in filled) && !(`Not${name}` in filled)) filled[name] = value;
      }
      return filled;
    }),
  });
}

export function identity(...statements: LooseStatement[]): NamedPolicy<'identity'> {
  const text = document(statements, { Action: '*', Resource: '*' });
  return { name: 'identity', policy: parsePolicy(text, { kind: 'identity' }) };
}

export function resource(...statements: LooseStatement[]): NamedPolicy<'resource'> {
  const text = document(statements, { Principal: '*', Action: '*', Resource: '*' });
  return { name: 'resource', policy: parsePolicy(text, { kind: 'resource' }) };
}

export function trust(...statements: LooseStatement[]): NamedPolicy<'trust'> {
  const text = document(statements, { Principal: '*', Action: 'sts:AssumeRole' });
  return { name: 'trust', policy: parsePolicy(text, { kind: 'trust' }) };
}

export const EVERYTHING = identity({});
/** Allows something, but never what the tests ask for. */
export const SOMETHING_ELSE = identity({ Action: 'ec2:DescribeRegions' });

export type Keys = Readonly<Record<string, string | readonly string[]>>;

export function ask(
  principal: RequestPrincipal,
  changes: Partial<AccessRequest> & { keys?: Keys } = {},
): AccessRequest {
  const { keys = {}, ...rest } = changes;
  return {
    principal,
    action: 'kms:Decrypt',
    resource: KEY,
    resourceAccount: ACCOUNT,
    context: requestContext(principal, keys),
    ...rest,
  };
}
