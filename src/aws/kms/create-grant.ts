import { CreateGrant$, type CreateGrantCommandInput, type CreateGrantCommandOutput } from '@aws-sdk/client-kms';
import type { Decision } from '../../core/iam/index.ts';
import { createGrantConditions } from '../../core/kms/condition-keys.ts';
import { makeGrantToken } from '../../core/kms/grant-token.ts';
import { grantsCovering, isNoMoreThan, isSameGrant } from '../../core/kms/grants.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { requireRoom } from '../../core/kms/quotas.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import type { Things } from '../../core/things.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnKey, findKey, type KeyAccess, kmsThings } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { requireKeyState } from './lib/require-key-state.ts';
import { endDryRun } from './lib/use-key.ts';
import { constraintsOf, type GrantInput, type WantedGrant, wantedGrant } from './lib/wanted-grant.ts';

interface Allowed {
  found: ResolvedKey;
  decision: Decision;
}

function accessOf(input: GrantInput): KeyAccess {
  const constraints = constraintsOf(input);
  return {
    action: 'CreateGrant',
    shared: true,
    conditions: createGrantConditions({
      grantee: input.GranteePrincipal ?? input.GranteeServicePrincipal,
      retiring: input.RetiringPrincipal ?? input.RetiringServicePrincipal,
      operations: input.Operations,
      equals: constraints?.equals,
      subset: constraints?.subset,
      forAwsResource: false,
    }),
    grant: { operation: 'CreateGrant' },
    grantTokens: input.GrantTokens,
  };
}

/** Who may make a grant only by right of another grant may not give more than that one gives (CreateGrantRequest, Constraints). */
function requireNoMoreThanGranted(
  ctx: OperationContext,
  things: Things,
  { found, decision }: Allowed,
  wanted: WantedGrant,
): void {
  if (decision.decidedBy !== 'grant') return;
  const parents = grantsCovering(things.kms.grantsOf(found.key.id), 'CreateGrant', {});
  const mine = parents.filter(({ value }) => value.grantee === ctx.caller.arn);
  if (mine.some(({ value }) => isNoMoreThan(value, wanted))) return;
  throw new KmsError(
    'AccessDeniedException',
    `User: ${ctx.caller.arn} is not authorized to perform: kms:CreateGrant on resource: ${found.arn} because the grant would allow more ` +
      'than the grant that allows its creation',
  );
}

export const createGrant = operation<CreateGrantCommandInput, CreateGrantCommandOutput, Allowed>(CreateGrant$, {
  async authorize(input, ctx) {
    const things = await kmsThings(ctx);
    const access = accessOf(input);
    const found = findKey(ctx, things, input.KeyId, access);
    const decision = decideOnKey(ctx, things, found, access);
    return { decisions: [decision], subject: { found, decision } };
  },

  async handle(input, ctx, allowed) {
    const { found } = allowed;
    const wanted = wantedGrant(found.key.value, input);
    requireKeyState(ctx, 'CreateGrant', found.key.value, found.arn);
    requireNoMoreThanGranted(ctx, ctx.session.things, allowed, wanted);
    endDryRun(input.DryRun);
    const grant = await change(ctx, (draft, things) => {
      const key = freshKey(ctx, things, found);
      requireKeyState(ctx, 'CreateGrant', key.value, found.arn);
      const { account, region } = key.value;
      const whole = { ...wanted, account, region, key: key.id, issuer: ctx.account.accountId };
      const all = things.kms.grantsOf(key.id);
      const twin = wanted.name === undefined ? undefined : all.find(({ value }) => isSameGrant(value, whole));
      if (twin !== undefined) return twin;
      requireRoom('grantsPerKey', all.length, 'grants of this KMS key');
      const id = ctx.session.newId();
      const value = { ...whole, grantId: ctx.session.newId() + ctx.session.newId(), createdAt: ctx.now() };
      draft.put('kmsGrant', id, value);
      return { id, value };
    });
    const { grantId } = grant.value;
    return { GrantId: grantId, GrantToken: makeGrantToken(grant.id, grantId, ctx.session.newId()) };
  },
});
