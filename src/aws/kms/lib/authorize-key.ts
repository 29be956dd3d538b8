import {
  type Decision,
  evaluate,
  type Grant,
  lazyRequestContext,
  namesOf,
  requestContext,
} from '../../../core/iam/index.ts';
import { aliasArn } from '../../../core/kms/arn.ts';
import { type ConditionKeys, keyConditions } from '../../../core/kms/condition-keys.ts';
import type { EncryptionContext } from '../../../core/kms/encryption-context.ts';
import { grantOfToken, isTokenOf } from '../../../core/kms/grant-token.ts';
import { constrainedContext, covers } from '../../../core/kms/grants.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { FoundGrant, GrantOperation, KmsGrant } from '../../../core/kms/records.ts';
import { KMS_KINDS } from '../../../core/kms/remove-records.ts';
import {
  CIPHERTEXT_KEY,
  type Lookup,
  NotInOtherAccount,
  notShared,
  type ResolvedKey,
  resolveKey,
} from '../../../core/kms/resolve-key.ts';
import type { Things } from '../../../core/things.ts';
import type { Authorized } from '../../local/operation.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { requestKeys } from './request-keys.ts';

/** What an operation wants to do to the key that its KeyId names. */
export interface KeyAccess {
  /** `Encrypt` for `kms:Encrypt`. */
  readonly action: string;
  /** Whether KeyId may be an alias. */
  readonly aliases?: boolean;
  /** Whether the key may be in another account ("Cross-account use: Yes"). */
  readonly shared?: boolean;
  readonly conditions?: ConditionKeys;
  /**
   * The operation as grants name it, where grants can allow it; `context` where it takes an encryption context, `which` where not every
   * grant of the operation counts.
   */
  readonly grant?: {
    readonly operation: GrantOperation;
    readonly context?: EncryptionContext | undefined;
    readonly which?: ((grant: KmsGrant) => boolean) | undefined;
  };
  readonly grantTokens?: readonly string[] | undefined;
  /** The key was found by a ciphertext: the request does not name it. */
  readonly byCiphertext?: boolean;
}

/** The vault's records with all that the KMS needs of them. */
export function kmsThings(ctx: OperationContext): Promise<Things> {
  return ctx.session.need('account', ...KMS_KINDS);
}

export function lookupOf(ctx: OperationContext, things: Things, region = ctx.region): Lookup {
  return {
    index: things.kms,
    account: ctx.account.id,
    accountId: ctx.account.accountId,
    region,
    now: ctx.now(),
    accountWithId(accountId) {
      const local = things
        .all('account')
        .filter(({ value }) => value.kind === 'local' && value.accountId === accountId);
      // Two accounts here with one number: nothing tells which is meant.
      return local.length === 1 ? local[0]?.id : undefined;
    },
  };
}

/** Finds the key. Throws KmsError in AWS's words. */
export function findKey(ctx: OperationContext, things: Things, keyId: string, access: KeyAccess): ResolvedKey {
  requireGrantTokens(ctx, things, access);
  try {
    const found = resolveKey(lookupOf(ctx, things), keyId, { aliases: access.aliases === true });
    if (access.shared !== true && found.key.value.account !== ctx.account.id) throw new NotInOtherAccount(found.arn);
    return found;
  } catch (error) {
    if (!(error instanceof NotInOtherAccount)) throw error;
    throw notShared(ctx.caller.arn, `kms:${access.action}`, `resource: ${error.arn}`);
  }
}

/** Every token has to be one of a grant that there is in the request's Region. Throws InvalidGrantTokenException. */
export function grantOf(ctx: OperationContext, things: Things, token: string): FoundGrant {
  const record = grantOfToken(token);
  const value = record === null ? undefined : things.get('kmsGrant', record);
  const isHere = value?.region === ctx.region;
  if (record === null || value === undefined || !isHere || !isTokenOf(token, record, value.grantId)) {
    throw new KmsError('InvalidGrantTokenException', 'The grant token is not valid.');
  }
  return { id: record, value };
}

/** Comes before any key is looked for: what is said of a token does not tell whether there is the key. */
export function requireGrantTokens(ctx: OperationContext, things: Things, { grantTokens = [] }: KeyAccess): void {
  for (const token of grantTokens) grantOf(ctx, things, token);
}

/** Holds a request on a key against the caller's policies, the key's policy and its grants. */
export function decideOnKey(ctx: OperationContext, things: Things, found: ResolvedKey, access: KeyAccess): Decision {
  const { key, arn, accountId, alias } = found;
  for (const token of access.grantTokens ?? []) grantOf(ctx, things, token);
  const { principal, policies } = ctx.caller;
  const context = lazyRequestContext(principal, () => ({
    ...requestKeys(ctx),
    ...keyConditions(
      key.value,
      accountId,
      things.kms.aliasesOf(key.id).map(({ value }) => value.name),
    ),
    'kms:RequestAlias': alias,
    ...access.conditions,
  }));
  const decision = evaluate(
    { principal, action: `kms:${access.action}`, resource: arn, resourceAccount: accountId, context },
    {
      identity: policies,
      resource: { name: arn, policy: things.kms.policies.of(key.value) },
      resourceMustAllow: true,
      grants: grantsFor(ctx, things, found, access),
    },
  );
  return tellingNothing(ctx, found, access, decision);
}

/** Nothing tells a key of another account that is not shared from one that is not there. */
export function tellingNothing(
  ctx: OperationContext,
  { key, arn, accountId, alias }: ResolvedKey,
  access: Pick<KeyAccess, 'action' | 'byCiphertext'>,
  decision: Decision,
): Decision {
  if (decision.kind === 'allowed' || accountId === ctx.account.accountId) return decision;
  const named = alias === undefined ? arn : aliasArn(accountId, key.value.region, alias);
  const what = access.byCiphertext === true ? CIPHERTEXT_KEY : `resource: ${named}`;
  return { ...decision, message: notShared(ctx.caller.arn, `kms:${access.action}`, what).message };
}

/** The caller's grants that allow this, looked for as they are drawn. Of many to one grantee the first will do: they are all worth the same. */
function* grantsFor(
  ctx: OperationContext,
  things: Things,
  { key }: ResolvedKey,
  { grant }: KeyAccess,
): Generator<Grant> {
  if (grant === undefined || things.kms.grantCount(key.id) === 0) return;
  const { operation, which } = grant;
  const request = { context: constrainedContext(key.value, operation, grant.context) };
  for (const grantee of namesOf(ctx.caller.principal)) {
    for (const { value } of things.kms.grantsTo(key.id, grantee)) {
      if (!covers(value, operation, request) || which?.(value) === false) continue;
      yield { id: value.grantId, grantee };
      break;
    }
  }
}

/** The usual case: one key, one decision, and the key is handed on. */
export async function authorizeKey(
  ctx: OperationContext,
  keyId: string,
  access: KeyAccess,
): Promise<Authorized<ResolvedKey>> {
  const things = await kmsThings(ctx);
  const found = findKey(ctx, things, keyId, access);
  return { decisions: [decideOnKey(ctx, things, found, access)], subject: found };
}

/** An action that no key's policy has a say in: on everything (`*`) or on an alias. */
export function decideOnAccount(
  ctx: OperationContext,
  action: string,
  resource = '*',
  conditions: ConditionKeys = {},
): Decision {
  const { principal, policies } = ctx.caller;
  const context = requestContext(principal, { ...requestKeys(ctx), ...conditions });
  const { accountId } = ctx.account;
  return evaluate(
    { principal, action: `kms:${action}`, resource, resourceAccount: accountId, context },
    { identity: policies },
  );
}
