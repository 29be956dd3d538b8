import { RetireGrant$, type RetireGrantCommandInput, type RetireGrantCommandOutput } from '@aws-sdk/client-kms';
import { type Decision, evaluate, requestContext } from '../../core/iam/index.ts';
import { accountRootArn, keyArn } from '../../core/kms/arn.ts';
import { constraintConditions, keyConditions } from '../../core/kms/condition-keys.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { FoundGrant } from '../../core/kms/records.ts';
import { notShared } from '../../core/kms/resolve-key.ts';
import type { Things } from '../../core/things.ts';
import { operation, type Validated } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnKey, findKey, grantOf, kmsThings, tellingNothing } from './lib/authorize-key.ts';
import { change } from './lib/change-key.ts';
import { grantOfKey } from './lib/grant-of-key.ts';
import { requestKeys } from './lib/request-keys.ts';
import { endDryRun } from './lib/use-key.ts';

const ACCESS = { action: 'RetireGrant', shared: true };

function findGrant(ctx: OperationContext, things: Things, input: Validated<RetireGrantCommandInput>): FoundGrant {
  if (input.GrantToken !== undefined) {
    if (input.GrantId !== undefined || input.KeyId !== undefined) {
      throw new KmsError('ValidationException', 'Specify either a grant token, or a grant ID and a key ID.');
    }
    return grantOf(ctx, things, input.GrantToken);
  }
  if (input.KeyId === undefined || input.GrantId === undefined) {
    throw new KmsError('ValidationException', 'Grant token OR (grant ID, key ID) must be specified');
  }
  const { key, arn, accountId } = findKey(ctx, things, input.KeyId, ACCESS);
  try {
    return grantOfKey(things, key.id, input.GrantId);
  } catch (error) {
    // Nothing is decided yet, and only the grant could have shown that there is such a key.
    if (accountId === ctx.account.accountId) throw error;
    throw notShared(ctx.caller.arn, 'kms:RetireGrant', `resource: ${arn}`);
  }
}

/**
 * Who may retire a grant follows from the grant, not from the key's policy (KMS Developer Guide, "Retiring and revoking grants"): its
 * retiring principal, its grantee where the grant says RetireGrant, and the account that made it, whose policies may delegate. A Deny in
 * the key's policy denies all the same.
 */
function decide(ctx: OperationContext, things: Things, { value: grant }: FoundGrant): Decision {
  const key = things.kms.keyById(grant.key);
  if (key === undefined) throw new KmsError('NotFoundException', 'The key of this grant does not exist');
  const { accountId } = things.must('account', key.value.account);
  const arn = keyArn(accountId, key.value.region, key.value.keyId);
  const found = { key, arn, accountId };
  const conditions = constraintConditions(grant.constraints ?? {});
  const byPolicy = decideOnKey(ctx, things, found, { ...ACCESS, conditions });
  if (byPolicy.kind === 'explicitDeny') return byPolicy;
  const { principal, policies } = ctx.caller;
  const retirers = [
    accountRootArn(grant.issuer, grant.region),
    ...(grant.retiring === undefined ? [] : [grant.retiring]),
    ...(grant.operations.includes('RetireGrant') ? [grant.grantee] : []),
  ];
  const context = requestContext(principal, {
    ...requestKeys(ctx),
    ...keyConditions(key.value, accountId, []),
    ...conditions,
  });
  const decision = evaluate(
    { principal, action: 'kms:RetireGrant', resource: arn, resourceAccount: accountId, context },
    {
      identity: policies,
      resourceMustAllow: true,
      grants: retirers.map((grantee) => ({ id: grant.grantId, grantee })),
    },
  );
  return tellingNothing(ctx, found, ACCESS, decision);
}

export const retireGrant = operation<RetireGrantCommandInput, RetireGrantCommandOutput, FoundGrant>(RetireGrant$, {
  async authorize(input, ctx) {
    const things = await kmsThings(ctx);
    const grant = findGrant(ctx, things, input);
    return { decisions: [decide(ctx, things, grant)], subject: grant };
  },

  async handle(input, ctx, grant) {
    endDryRun(input.DryRun);
    await change(ctx, (draft, things) => {
      draft.remove('kmsGrant', grantOfKey(things, grant.value.key, grant.value.grantId).id);
    });
    return {};
  },
});
