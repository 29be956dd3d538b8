import { CreateGrant$, type CreateGrantCommandInput, type CreateGrantCommandOutput } from '@aws-sdk/client-kms';
import { createGrantConditions } from '../../core/kms/condition-keys.ts';
import { makeGrantToken } from '../../core/kms/grant-token.ts';
import { isNoMoreThan, isSameGrant } from '../../core/kms/grants.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { requireRoom } from '../../core/kms/quotas.ts';
import type { KmsGrant } from '../../core/kms/records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { authorizeKey, decideOnKey, type KeyAccess } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';
import { endDryRun } from './lib/use-key.ts';
import { constraintsOf, type GrantInput, type WantedGrant, wantedGrant } from './lib/wanted-grant.ts';

/** `parents` are the grants that may allow it. */
function accessOf(input: GrantInput, parents?: (grant: KmsGrant) => boolean): KeyAccess {
  return {
    action: 'CreateGrant',
    shared: true,
    conditions: createGrantConditions({
      grantee: input.GranteePrincipal,
      retiring: input.RetiringPrincipal,
      granteeService: input.GranteeServicePrincipal,
      retiringService: input.RetiringServicePrincipal,
      operations: input.Operations,
      constraints: constraintsOf(input),
      forAwsResource: false,
    }),
    grant: { operation: 'CreateGrant', which: parents },
    grantTokens: input.GrantTokens,
  };
}

/**
 * Who may make a grant only by right of another grant may not give more than that one gives; who may by a policy is not limited so (KMS
 * Developer Guide, "Granting CreateGrant permission"). So the request has to be allowed still when no grant counts but those that give
 * all that the new one does.
 */
function requireNoMoreThanGranted(
  ctx: OperationContext,
  found: ResolvedKey,
  input: GrantInput,
  wanted: WantedGrant,
): void {
  const access = accessOf(input, (parent) => isNoMoreThan(parent, wanted));
  if (decideOnKey(ctx, ctx.session.things, found, access).kind === 'allowed') return;
  throw new KmsError(
    'AccessDeniedException',
    `User: ${ctx.caller.arn} is not authorized to perform: kms:CreateGrant on resource: ${found.arn} because the grant would allow more ` +
      'than the grant that allows its creation',
  );
}

export const createGrant = operation<CreateGrantCommandInput, CreateGrantCommandOutput, ResolvedKey>(CreateGrant$, {
  authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, accessOf(input)),

  async handle(input, ctx, found) {
    const wanted = wantedGrant(found.key.value, input);
    requireKeyState(ctx, 'CreateGrant', found.key.value, found.arn);
    requireNoMoreThanGranted(ctx, found, input, wanted);
    endDryRun(input.DryRun);
    const grant = await change(ctx, (draft, things) => {
      const key = freshKey(ctx, things, found);
      requireKeyState(ctx, 'CreateGrant', key.value, found.arn);
      const { account, region } = key.value;
      const whole = { ...wanted, account, region, key: key.id, issuer: ctx.account.accountId };
      const namesakes = wanted.name === undefined ? [] : things.kms.grantsNamed(key.id, wanted.name);
      for (const twin of namesakes) if (isSameGrant(twin.value, whole)) return twin;
      requireRoom('grantsPerKey', things.kms.grantCount(key.id), 'grants of this KMS key');
      const id = ctx.session.newId();
      const value = { ...whole, grantId: ctx.session.newId() + ctx.session.newId(), createdAt: ctx.now() };
      draft.put('kmsGrant', id, value);
      return { id, value };
    });
    const { grantId } = grant.value;
    return { GrantId: grantId, GrantToken: makeGrantToken(grant.id, grantId, ctx.session.newId()) };
  },
});
