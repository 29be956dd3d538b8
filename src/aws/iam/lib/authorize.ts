import { IAM_KINDS } from '../../../core/directory/remove-records.ts';
import { type Decision, evaluate, requestContext } from '../../../core/iam/index.ts';
import type { Things } from '../../../core/things.ts';
import { globalKeys } from '../../local/global-keys.ts';
import type { Authorized } from '../../local/operation.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { mfaArn, userArn } from './arns.ts';
import { deviceOf } from './devices.ts';
import { type Conditions, resourceTags } from './tags.ts';
import { userNamed } from './users.ts';

/** IAM is in one Region of each partition: that is the Region that its requests are about, wherever they were signed for. */
const HOME_REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

/** The vault's records with all that IAM needs of them. */
export function iamThings(ctx: OperationContext): Promise<Things> {
  return ctx.session.need('account', 'client', ...IAM_KINDS);
}

export function decide(ctx: OperationContext, action: string, resource: string, conditions: Conditions = {}): Decision {
  const { principal, policies } = ctx.caller;
  const { accountId, partition } = ctx.account;
  const context = requestContext(principal, {
    ...globalKeys(ctx, HOME_REGIONS[partition]),
    'aws:ResourceAccount': accountId,
    ...conditions,
  });
  return evaluate(
    { principal, action: `iam:${action}`, resource, resourceAccount: accountId, context },
    { identity: policies },
  );
}

/** An operation on a user. Whether there is one is told only to who may ask: `handle` looks. */
export async function authorizeUser(
  ctx: OperationContext,
  action: string,
  name: string,
  conditions: Conditions = {},
): Promise<Authorized<undefined>> {
  const user = userNamed(ctx, await iamThings(ctx), name)?.value;
  const arn = userArn(ctx, user ?? { path: '/', name });
  return { decisions: [decide(ctx, action, arn, { ...resourceTags(user?.tags), ...conditions })], subject: undefined };
}

/** An operation on a user's devices, or on the caller's where the request names nobody. */
export async function authorizeHolder(
  ctx: OperationContext,
  action: string,
  name: string | undefined,
): Promise<Authorized<undefined>> {
  if (name !== undefined) return authorizeUser(ctx, action, name);
  return { decisions: [decide(ctx, action, ctx.caller.arn)], subject: undefined };
}

/** An operation on a virtual MFA device. */
export async function authorizeDevice(
  ctx: OperationContext,
  action: string,
  serial: string,
  conditions: Conditions = {},
): Promise<Authorized<undefined>> {
  const device = deviceOf(ctx, await iamThings(ctx), serial)?.value;
  const arn = serial.startsWith('arn:') ? serial : mfaArn(ctx, { path: '/', name: serial });
  return {
    decisions: [decide(ctx, action, arn, { ...resourceTags(device?.tags), ...conditions })],
    subject: undefined,
  };
}
