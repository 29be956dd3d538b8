import { keyArn } from '../../../core/kms/arn.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** A key of the caller's account by its record's id: what an alias or another record of the KMS refers to. */
export function ownKey(ctx: OperationContext, things: Things, id: string): ResolvedKey {
  const key = things.kms.keyById(id);
  const { accountId } = ctx.account;
  if (key === undefined) throw new KmsError('NotFoundException', `Key '${id}' does not exist`);
  return { key, arn: keyArn(accountId, key.value.region, key.value.keyId), accountId };
}
