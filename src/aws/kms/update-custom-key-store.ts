import {
  UpdateCustomKeyStore$,
  type UpdateCustomKeyStoreCommandInput,
  type UpdateCustomKeyStoreCommandOutput,
} from '@aws-sdk/client-kms';
import type { SealedBlob } from '../../core/hsm/protocol.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { importProxySecret } from '../../core/kms/proxy-credential.ts';
import type { ExternalStore, FoundKeyStore, KmsKeyStore } from '../../core/kms/records.ts';
import type { Things } from '../../core/things.ts';
import { operation, type Validated } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { kmsThings } from './lib/authorize-key.ts';
import { authorizeStore } from './lib/authorize-store.ts';
import { change } from './lib/change-key.ts';
import { keyStoreNow, requireConnection, requireFreeName } from './lib/key-stores.ts';
import { refuseVpcEndpoint, requireFreeProxy, requireHealthyProxy } from './lib/xks/check-proxy.ts';

type Input = Validated<UpdateCustomKeyStoreCommandInput>;
const OPERATION = 'UpdateCustomKeyStore';

const OF_TOKENS = ['KeyStorePassword', 'CloudHsmClusterId'] as const;
const OF_PROXIES = [
  'XksProxyUriEndpoint',
  'XksProxyUriPath',
  'XksProxyVpcEndpointServiceName',
  'XksProxyVpcEndpointServiceOwner',
  'XksProxyAuthenticationCredential',
  'XksProxyConnectivity',
] as const;
/** All others can be changed while the store is connected. */
const NEED_DISCONNECTED: ReadonlySet<keyof Input> = new Set<keyof Input>([
  ...OF_TOKENS,
  'XksProxyUriEndpoint',
  'XksProxyVpcEndpointServiceName',
  'XksProxyVpcEndpointServiceOwner',
  'XksProxyConnectivity',
]);

function invalid(message: string): KmsError {
  return new KmsError('ValidationException', message);
}

function given(input: Input, members: readonly (keyof Input)[]): (keyof Input)[] {
  return members.filter((member) => input[member] !== undefined);
}

/** Throws ValidationException for members of the other type, and when there is nothing to change; CustomKeyStoreInvalidStateException. */
function check(ctx: OperationContext, input: Input, store: FoundKeyStore): void {
  const { type } = store.value.backing;
  const [wrong] = given(input, type === 'AWS_CLOUDHSM' ? OF_PROXIES : OF_TOKENS);
  if (wrong !== undefined) throw invalid(`${wrong} is not valid for a custom key store of type ${type}.`);
  const changes = given(input, ['NewCustomKeyStoreName', ...OF_TOKENS, ...OF_PROXIES]);
  if (changes.length === 0) throw invalid('You must specify at least one property of the custom key store to update.');
  const states = changes.some((member) => NEED_DISCONNECTED.has(member))
    ? (['DISCONNECTED'] as const)
    : (['DISCONNECTED', 'CONNECTED'] as const);
  requireConnection(ctx, store, states, OPERATION);
}

/** A token is known by its serial number, and none is a copy of another one. */
function refuseOtherCluster({ CloudHsmClusterId: wanted }: Input, { backing }: KmsKeyStore): void {
  if (wanted === undefined || backing.type !== 'AWS_CLOUDHSM' || backing.clusterId === wanted) return;
  const message = `Cluster ${wanted} is not related to cluster ${backing.clusterId}.`;
  throw new KmsError('CloudHsmClusterNotRelatedException', message);
}

interface ChangedProxy {
  /** What there was when the proxy was asked. */
  before: ExternalStore;
  /** What it was asked with: that, and what the request changes. */
  backing: ExternalStore;
  object: { id: string; blob: SealedBlob } | undefined;
}

/** Throws KMSInternalException, which clients try again, when another request has changed the proxy since: nobody has asked whether the two changes go together. */
function requireUnchangedProxy(now: KmsKeyStore['backing'], before: ExternalStore): void {
  const { type, connectivity, uriEndpoint, uriPath, accessKeyId, secret } = before;
  if (
    now.type === type &&
    now.connectivity === connectivity &&
    now.uriEndpoint === uriEndpoint &&
    now.uriPath === uriPath &&
    now.accessKeyId === accessKeyId &&
    now.secret.id === secret.id
  ) {
    return;
  }
  const message = 'Another request has changed the custom key store while its proxy was being asked. Try again.';
  throw new KmsError('KMSInternalException', message);
}

/** The changed backing of an external key store, once its proxy has answered. */
async function changedProxy(
  ctx: OperationContext,
  input: Input,
  store: FoundKeyStore,
): Promise<ChangedProxy | undefined> {
  const { backing, name } = store.value;
  if (backing.type !== 'EXTERNAL_KEY_STORE' || given(input, OF_PROXIES).length === 0) return undefined;
  refuseVpcEndpoint(input, input.XksProxyConnectivity ?? backing.connectivity);
  const credential = input.XksProxyAuthenticationCredential;
  const next: ExternalStore = {
    ...backing,
    uriEndpoint: input.XksProxyUriEndpoint ?? backing.uriEndpoint,
    uriPath: input.XksProxyUriPath ?? backing.uriPath,
  };
  requireFreeProxy(ctx, await kmsThings(ctx), next, store.id);
  if (credential === undefined) {
    await requireHealthyProxy(ctx, { backing: next, secret: ctx.session.objectRef(backing.secret.id) });
    return { before: backing, backing: next, object: undefined };
  }
  const object = await importProxySecret(ctx.session, credential.RawSecretAccessKey, {
    region: ctx.region,
    label: `xks ${name}`.slice(0, 256),
    now: ctx.now(),
  });
  const renewed = { ...next, accessKeyId: credential.AccessKeyId, secret: { id: object.id } };
  await requireHealthyProxy(ctx, { backing: renewed, secret: { id: object.id, version: 1, blob: object.blob } });
  return { before: backing, backing: renewed, object };
}

export const updateCustomKeyStore = operation<
  UpdateCustomKeyStoreCommandInput,
  UpdateCustomKeyStoreCommandOutput,
  { find: () => FoundKeyStore }
>(UpdateCustomKeyStore$, {
  authorize: (input, ctx) => authorizeStore(ctx, OPERATION, input),

  async handle(input, ctx, { find }) {
    const store = find();
    const name = input.NewCustomKeyStoreName;
    const checkAll = (things: Things, found: FoundKeyStore): void => {
      check(ctx, input, found);
      if (name !== undefined) requireFreeName(ctx, things, name, found.id);
      refuseOtherCluster(input, found.value);
    };
    checkAll(await kmsThings(ctx), store);
    const proxy = await changedProxy(ctx, input, store);
    await change(ctx, (draft, things) => {
      const found = keyStoreNow(things, store);
      checkAll(things, found);
      const { backing } = found.value;
      if (proxy !== undefined) {
        requireUnchangedProxy(backing, proxy.before);
        requireFreeProxy(ctx, things, proxy.backing, found.id);
      }
      if (proxy?.object !== undefined) {
        draft.removeObject(proxy.before.secret.id);
        draft.putObject(proxy.object.id, 1, proxy.object.blob);
      }
      draft.put('kmsKeyStore', found.id, {
        ...found.value,
        name: name ?? found.value.name,
        backing: proxy?.backing ?? backing,
      });
    });
    return {};
  },
});
