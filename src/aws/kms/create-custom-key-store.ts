import {
  CreateCustomKeyStore$,
  type CreateCustomKeyStoreCommandInput,
  type CreateCustomKeyStoreCommandOutput,
} from '@aws-sdk/client-kms';
import type { SealedBlob } from '../../core/hsm/protocol.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { importProxySecret } from '../../core/kms/proxy-credential.ts';
import { requireRoom } from '../../core/kms/quotas.ts';
import type { KmsKeyStore } from '../../core/kms/records.ts';
import type { Things } from '../../core/things.ts';
import { operation, type Validated } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { decideOnAccount, kmsThings } from './lib/authorize-key.ts';
import { change } from './lib/change-key.ts';
import { checkTrustAnchor, requireActiveCluster, requireFreeCluster } from './lib/clusters.ts';
import { keyStoresIn, requireFreeName } from './lib/key-stores.ts';
import { refuseVpcEndpoint, requireFreeProxy, requireHealthyProxy } from './lib/xks/check-proxy.ts';

type Input = Validated<CreateCustomKeyStoreCommandInput>;
type Backing = KmsKeyStore['backing'];

/** The store's backing, looked at and in order; `check` says whether that still holds among the records when it is written. */
interface Prepared {
  backing: Backing;
  object?: { id: string; blob: SealedBlob };
  check: (things: Things) => void;
}

function missing(member: string, type: Backing['type']): KmsError {
  return new KmsError('ValidationException', `${member} is required for a custom key store of type ${type}.`);
}

/** Members that the other type has are refused, as AWS does. */
function refuseOthers(input: Input, type: Backing['type'], members: readonly (keyof Input)[]): void {
  const wrong = members.find((member) => input[member] !== undefined);
  if (wrong === undefined) return;
  const message = `${wrong} is not valid for a custom key store of type ${type}.`;
  throw new KmsError('ValidationException', message);
}

async function onToken(ctx: OperationContext, input: Input): Promise<Prepared> {
  const type = 'AWS_CLOUDHSM';
  refuseOthers(input, type, [
    'XksProxyUriEndpoint',
    'XksProxyUriPath',
    'XksProxyVpcEndpointServiceName',
    'XksProxyVpcEndpointServiceOwner',
    'XksProxyAuthenticationCredential',
    'XksProxyConnectivity',
  ]);
  const { CloudHsmClusterId: clusterId, TrustAnchorCertificate: trustAnchor } = input;
  if (clusterId === undefined) throw missing('CloudHsmClusterId', type);
  if (trustAnchor !== undefined) checkTrustAnchor(trustAnchor);
  const check = (things: Things): void => requireFreeCluster(things, clusterId);
  check(await kmsThings(ctx));
  await requireActiveCluster(ctx, clusterId);
  return { backing: { type, clusterId, ...(trustAnchor === undefined ? {} : { trustAnchor }) }, check };
}

async function onProxy(ctx: OperationContext, input: Input): Promise<Prepared> {
  const type = 'EXTERNAL_KEY_STORE';
  refuseOthers(input, type, ['CloudHsmClusterId', 'TrustAnchorCertificate', 'KeyStorePassword']);
  const { XksProxyConnectivity: connectivity, XksProxyUriEndpoint: uriEndpoint, XksProxyUriPath: uriPath } = input;
  const credential = input.XksProxyAuthenticationCredential;
  if (connectivity === undefined) throw missing('XksProxyConnectivity', type);
  if (uriEndpoint === undefined) throw missing('XksProxyUriEndpoint', type);
  if (uriPath === undefined) throw missing('XksProxyUriPath', type);
  if (credential === undefined) throw missing('XksProxyAuthenticationCredential', type);
  refuseVpcEndpoint(input, connectivity);
  const accessKeyId = credential.AccessKeyId;
  const check = (things: Things): void => requireFreeProxy(ctx, things, { uriEndpoint, uriPath });
  check(await kmsThings(ctx));
  const object = await importProxySecret(ctx.session, credential.RawSecretAccessKey, {
    region: ctx.region,
    label: `xks ${input.CustomKeyStoreName}`.slice(0, 256),
    now: ctx.now(),
  });
  const backing = { type, connectivity, uriEndpoint, uriPath, accessKeyId, secret: { id: object.id } } as const;
  await requireHealthyProxy(ctx, { backing, secret: { id: object.id, version: 1, blob: object.blob } });
  return { backing, object, check };
}

export const createCustomKeyStore = operation<CreateCustomKeyStoreCommandInput, CreateCustomKeyStoreCommandOutput>(
  CreateCustomKeyStore$,
  {
    authorize: (_input, ctx) => ({ decisions: [decideOnAccount(ctx, 'CreateCustomKeyStore')], subject: undefined }),

    async handle(input, ctx) {
      const name = input.CustomKeyStoreName;
      const requireRoomFor = (things: Things): void => {
        requireFreeName(ctx, things, name);
        requireRoom('customKeyStores', keyStoresIn(ctx, things).length, 'custom key stores in this Region');
      };
      requireRoomFor(await kmsThings(ctx));
      const external = input.CustomKeyStoreType === 'EXTERNAL_KEY_STORE';
      const { backing, object, check } = external ? await onProxy(ctx, input) : await onToken(ctx, input);
      const id = ctx.session.newId();
      const storeId = `cks-${ctx.session.newId().slice(0, 17)}`;
      await change(ctx, (draft, things) => {
        requireRoomFor(things);
        check(things);
        if (object !== undefined) draft.putObject(object.id, 1, object.blob);
        const { region, account } = ctx;
        const createdAt = ctx.now();
        draft.put('kmsKeyStore', id, {
          account: account.id,
          region,
          storeId,
          name,
          createdAt,
          connected: false,
          backing,
        });
      });
      return { CustomKeyStoreId: storeId };
    },
  },
);
