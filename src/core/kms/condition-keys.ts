import type { EncryptionContext } from './encryption-context.ts';
import type { GrantConstraints } from './grants.ts';
import type { KmsKey } from './records.ts';
import type { KeyTag } from './tags.ts';

/** Condition keys as `requestContext` of src/core/iam takes them: a list is a multivalued key, undefined an absent one. */
export type ConditionKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

function flag(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** What any operation on a key can be made to depend on: the key itself. `aliases` are the names of its aliases. */
export function keyConditions(key: KmsKey, accountId: string, aliases: readonly string[]): ConditionKeys {
  return {
    'kms:KeyOrigin': key.origin,
    'kms:KeySpec': key.spec,
    'kms:CustomerMasterKeySpec': key.spec,
    'kms:KeyUsage': key.usage,
    'kms:CustomerMasterKeyUsage': key.usage,
    'kms:MultiRegion': String(key.multiRegion !== undefined),
    'kms:MultiRegionKeyType': key.multiRegion,
    'kms:ResourceAliases': aliases,
    'aws:ResourceAccount': accountId,
    ...Object.fromEntries(key.tags.map((tag) => [`aws:ResourceTag/${tag.key}`, tag.value])),
  };
}

/** Who calls, and through which service of AWS (`ec2.eu-central-1.amazonaws.com`) where one calls for the caller. */
export function callerConditions(callerAccountId: string, viaService: string | undefined): ConditionKeys {
  return { 'kms:CallerAccount': callerAccountId, 'kms:ViaService': viaService };
}

/** The encryption context of a request with a symmetric key. */
export function encryptionContextConditions(context: EncryptionContext | undefined): ConditionKeys {
  const entries = Object.entries(context ?? {});
  return {
    'kms:EncryptionContextKeys': entries.map(([key]) => key),
    ...Object.fromEntries(entries.map(([key, value]) => [`kms:EncryptionContext:${key}`, value])),
  };
}

/** Tags that a request sets or takes away. */
export function tagConditions(
  tags: readonly KeyTag[],
  keys: readonly string[] = tags.map(({ key }) => key),
): ConditionKeys {
  return {
    'aws:TagKeys': keys,
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
  };
}

/** A key that is to be made: there is none yet whose properties would count. */
export function createKeyConditions(input: {
  spec: string;
  usage: string;
  origin: string;
  multiRegion: boolean;
  bypassPolicyLockoutSafetyCheck: boolean | undefined;
  tags: readonly KeyTag[];
}): ConditionKeys {
  return {
    'kms:KeyOrigin': input.origin,
    'kms:KeySpec': input.spec,
    'kms:CustomerMasterKeySpec': input.spec,
    'kms:KeyUsage': input.usage,
    'kms:CustomerMasterKeyUsage': input.usage,
    'kms:MultiRegion': String(input.multiRegion),
    'kms:MultiRegionKeyType': input.multiRegion ? 'PRIMARY' : undefined,
    'kms:BypassPolicyLockoutSafetyCheck': flag(input.bypassPolicyLockoutSafetyCheck),
    ...tagConditions(input.tags),
  };
}

export function bypassCondition(bypass: boolean | undefined): ConditionKeys {
  return { 'kms:BypassPolicyLockoutSafetyCheck': flag(bypass) };
}

/** The constraint of a grant that is to be made or retired. */
export function constraintConditions({ equals, subset }: Pick<GrantConstraints, 'equals' | 'subset'>): ConditionKeys {
  const pairs = equals ?? subset;
  const type = equals === undefined ? 'EncryptionContextSubset' : 'EncryptionContextEquals';
  return { ...encryptionContextConditions(pairs), 'kms:GrantConstraintType': pairs === undefined ? undefined : type };
}

export function createGrantConditions(input: {
  grantee: string | undefined;
  retiring: string | undefined;
  /** GranteeServicePrincipal and RetiringServicePrincipal, which come instead. */
  granteeService: string | undefined;
  retiringService: string | undefined;
  operations: readonly string[];
  constraints: GrantConstraints | undefined;
  forAwsResource: boolean;
}): ConditionKeys {
  return {
    ...constraintConditions(input.constraints ?? {}),
    'kms:GranteePrincipal': input.grantee,
    'kms:GranteeServicePrincipal': input.granteeService,
    'kms:RetiringPrincipal': input.retiring,
    'kms:RetiringServicePrincipal': input.retiringService,
    'kms:GrantConstraintSourceArn': input.constraints?.sourceArn,
    'kms:GrantOperations': input.operations,
    'kms:GrantIsForAWSResource': String(input.forAwsResource),
  };
}

/** `validTo` in ms since epoch; the condition's value is Unix time in seconds. */
export function importConditions(expirationModel: string, validTo: number | undefined): ConditionKeys {
  return {
    'kms:ExpirationModel': expirationModel,
    'kms:ValidTo': validTo === undefined ? undefined : String(validTo / 1000),
  };
}
