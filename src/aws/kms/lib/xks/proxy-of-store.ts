import type { KmsKeyStore } from '../../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../../core/kms/resolve-key.ts';
import type { OperationContext } from '../../../local/operation-context.ts';
import { storeOf } from '../key-stores.ts';
import { requireUsable } from '../use-key.ts';
import type { XksProxy } from './call-proxy.ts';
import type { ExternalKey } from './proxy-api.ts';

/** The proxy of an external key store as its record has it now. */
export function proxyOfStore(ctx: OperationContext, { backing, storeId }: KmsKeyStore): XksProxy {
  if (backing.type !== 'EXTERNAL_KEY_STORE') throw new TypeError(`${storeId} is no external key store`);
  return { backing, secret: ctx.session.objectRef(backing.secret.id) };
}

/** Looks at the key's state once more: nothing may go out after the store was disconnected. */
export function proxyOfKey(ctx: OperationContext, found: ResolvedKey): { proxy: XksProxy; key: ExternalKey } {
  requireUsable(ctx, found);
  const { value } = found.key;
  if (value.externalKeyId === undefined) throw new TypeError(`${found.arn} has no external key`);
  const store = storeOf(ctx.session.things, value).value;
  return { proxy: proxyOfStore(ctx, store), key: { id: value.externalKeyId, kmsKeyArn: found.arn } };
}
