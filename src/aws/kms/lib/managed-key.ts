import { serviceOfManagedAlias } from '../../../core/kms/alias-name.ts';
import { keyArn } from '../../../core/kms/arn.ts';
import { managedKeyPolicy } from '../../../core/kms/key-policy.ts';
import { makeMaterial } from '../../../core/kms/make-material.ts';
import type { FoundKey, KmsKey } from '../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import { DAY_MS, DEFAULT_ROTATION_DAYS } from '../../../core/kms/rotation.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { change } from './change-key.ts';
import { firstMaterial, newKeyId } from './new-key.ts';

/** An AWS managed key without its material: rotated every year, of use through its service only. */
function managedKey(ctx: OperationContext, alias: string, service: string): KmsKey {
  const now = ctx.now();
  return {
    account: ctx.account.id,
    region: ctx.region,
    keyId: newKeyId(ctx, false),
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    manager: 'AWS',
    description: `Default key that protects my ${service} resources when no other key is defined`,
    enabled: true,
    policy: managedKeyPolicy(ctx.account.accountId, ctx.region, alias, service),
    tags: [],
    createdAt: now,
    materials: [],
    rotation: { periodInDays: DEFAULT_ROTATION_DAYS, nextAt: now + DEFAULT_ROTATION_DAYS * DAY_MS },
    onDemandRotations: 0,
  };
}

/** The AWS managed key that this predefined alias of the caller's account will have, or undefined when it has one or is not predefined. */
export function findUnmadeManagedKey(ctx: OperationContext, things: Things, alias: string): ResolvedKey | undefined {
  const service = serviceOfManagedAlias(alias);
  const { id, accountId } = ctx.account;
  if (service === undefined || things.kms.alias(id, ctx.region, alias) !== undefined) return undefined;
  const value = managedKey(ctx, alias, service);
  return {
    key: { id: ctx.session.newId(), value },
    arn: keyArn(accountId, ctx.region, value.keyId),
    accountId,
    alias,
  };
}

/** Makes the AWS managed key of a predefined alias; of many callers at once, one does and all get the same. */
export async function makeManagedKey(ctx: OperationContext, alias: string): Promise<FoundKey> {
  const service = serviceOfManagedAlias(alias);
  if (service === undefined) throw new TypeError(`${alias} is not a predefined alias`);
  const bare = managedKey(ctx, alias, service);
  const material = await makeMaterial(ctx.session, bare, ctx.account.accountId, ctx.now());
  return change(ctx, (draft, things) => {
    const made = things.kms.alias(ctx.account.id, ctx.region, alias);
    const existing = made === undefined ? undefined : things.kms.keyById(made.value.key);
    if (existing !== undefined) return existing;
    const id = ctx.session.newId();
    const value = { ...bare, ...firstMaterial(material) };
    draft.putObject(material.object.id, 1, material.blob);
    draft.put('kmsKey', id, value);
    const { account, region, createdAt } = value;
    draft.put('kmsAlias', ctx.session.newId(), {
      account,
      region,
      name: alias,
      key: id,
      createdAt,
      updatedAt: createdAt,
    });
    return { id, value };
  });
}
