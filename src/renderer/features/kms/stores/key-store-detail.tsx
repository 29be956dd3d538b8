import { Pencil, Plug, Plus, RefreshCw, Trash2, Unplug } from 'lucide-react';
import { asWireError } from '../../../api/error.ts';
import { plural } from '../../../lib/format.ts';
import { shellQuote } from '../../../lib/shell-quote.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../../ui/callout.tsx';
import { CodeLine, CopyButton } from '../../../ui/code.tsx';
import { DetailHead, Dot } from '../../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../../ui/facts.tsx';
import { RelativeTime } from '../../../ui/time.tsx';
import { openDialog } from '../../dialogs/dialog-store.ts';
import { useTokens } from '../../hsm/hsm-queries.ts';
import { RecordLink } from '../../shell/record-link.tsx';
import { keyTitle } from '../key-words.ts';
import { type KeyStore, kmsCall, type Place } from '../kms.ts';
import { useKmsChange, useKmsKeys } from '../kms-queries.ts';
import { connectionReason } from './connection-words.ts';
import { StoreState } from './store-state.tsx';
import { STORE_TYPES } from './store-types.ts';

/** More keys than this are for the list of keys. */
const KEYS_SHOWN = 50;

export function KeyStoreDetail({ store, place }: { store: KeyStore; place: Place }) {
  const keys = (useKmsKeys(place).data ?? []).filter((key) => key.keyStore === store.CustomKeyStoreId);
  const token = useTokens().data?.find((one) => one.clusterId === store.CloudHsmClusterId);
  const id = { CustomKeyStoreId: store.CustomKeyStoreId };
  const connect = useKmsChange(async () => {
    // What failed has to be given up before it is tried again.
    if (store.ConnectionState === 'FAILED') await kmsCall(place, 'DisconnectCustomKeyStore', id);
    await kmsCall(place, 'ConnectCustomKeyStore', id);
  });
  const disconnect = useKmsChange(() => kmsCall(place, 'DisconnectCustomKeyStore', id));
  const state = store.ConnectionState;
  const busy = connect.isPending || disconnect.isPending || state === 'CONNECTING' || state === 'DISCONNECTING';
  const proxy = store.XksProxyConfiguration;
  const error = connect.error ?? disconnect.error;
  const create = () => openDialog({ kind: 'kms.create', place, store });
  return (
    <>
      <DetailHead
        title={store.CustomKeyStoreName}
        badges={<StoreState state={state} />}
        subtitle={
          <>
            <span>{STORE_TYPES[store.CustomKeyStoreType]}</span>
            <Dot />
            <span>{plural(keys.length, 'key')}</span>
          </>
        }
        actions={
          <>
            {state === 'CONNECTED' ? (
              <>
                <Button variant="primary" icon={<Plus size={16} aria-hidden="true" />} onPress={create}>
                  Create a key in it
                </Button>
                <Button
                  icon={<Unplug size={16} aria-hidden="true" />}
                  isDisabled={busy}
                  onPress={() => disconnect.mutate(undefined)}
                >
                  Disconnect
                </Button>
              </>
            ) : state === 'FAILED' ? (
              <>
                <Button
                  variant="primary"
                  icon={<RefreshCw size={16} aria-hidden="true" />}
                  isDisabled={busy}
                  onPress={() => connect.mutate(undefined)}
                >
                  Try again
                </Button>
                <Button
                  icon={<Unplug size={16} aria-hidden="true" />}
                  isDisabled={busy}
                  onPress={() => disconnect.mutate(undefined)}
                >
                  Give up
                </Button>
              </>
            ) : (
              <Button
                variant="primary"
                icon={<Plug size={16} aria-hidden="true" />}
                isDisabled={busy}
                onPress={() => connect.mutate(undefined)}
              >
                {connect.isPending || state === 'CONNECTING' ? 'Connecting…' : 'Connect'}
              </Button>
            )}
            <Button
              icon={<Pencil size={16} aria-hidden="true" />}
              isDisabled={busy}
              onPress={() => openDialog({ kind: 'kms.storeEdit', place, store })}
            >
              Edit
            </Button>
            <Button
              variant="danger-ghost"
              icon={<Trash2 size={16} aria-hidden="true" />}
              isDisabled={state !== 'DISCONNECTED' || keys.length > 0 || busy}
              onPress={() => openDialog({ kind: 'kms.storeDelete', place, store })}
            >
              Delete…
            </Button>
          </>
        }
      />
      {(error !== null || state === 'FAILED') && (
        <div className="flex max-w-192 flex-col gap-2 px-6 pb-4">
          {error !== null ? (
            <ErrorCallout error={asWireError(error)} />
          ) : (
            <Callout tone="warning" title="It could not be connected">
              <p>{connectionReason(store.ConnectionErrorCode ?? '')}</p>
              {store.ConnectionErrorCode !== undefined && (
                <p className="mono text-muted">{store.ConnectionErrorCode}</p>
              )}
            </Callout>
          )}
        </div>
      )}
      <Section title="Key store">
        <Facts>
          <Fact name="Id">
            <span className="mono">{store.CustomKeyStoreId}</span>
            <CopyButton text={store.CustomKeyStoreId} label="Copy the key store’s id" />
          </Fact>
          {store.CloudHsmClusterId !== undefined && (
            <Fact name="Token">
              {token !== undefined && (
                <RecordLink screen="hsm" id={null}>
                  {token.name}
                </RecordLink>
              )}
              <span className="mono text-muted">{store.CloudHsmClusterId}</span>
            </Fact>
          )}
          {proxy !== undefined && (
            <Fact name="Proxy">
              <span className="mono break-all">{`${proxy.UriEndpoint ?? ''}${proxy.UriPath ?? ''}`}</span>
            </Fact>
          )}
          {proxy?.AccessKeyId !== undefined && (
            <Fact name="Credential">
              <span className="mono break-all">{proxy.AccessKeyId}</span>
            </Fact>
          )}
          <Fact name="Created">
            <RelativeTime instant={store.CreationDate} />
          </Fact>
        </Facts>
      </Section>
      <Section title="Keys">
        {keys.length === 0 ? (
          <p className="text-muted">
            No key is in it yet.{' '}
            {state === 'CONNECTED' ? 'Disconnect it to delete it.' : 'Keys can be created while it is connected.'}
          </p>
        ) : (
          <>
            {state !== 'CONNECTED' && (
              <p className="text-muted">
                They can be used while the key store is connected, and it can be deleted when they are.
              </p>
            )}
            <ul>
              {keys.slice(0, KEYS_SHOWN).map((key) => (
                <li key={key.id} className="flex min-h-8 items-center gap-3">
                  <RecordLink screen="kms" id={key.id}>
                    {keyTitle(key)}
                  </RecordLink>
                </li>
              ))}
            </ul>
            {keys.length > KEYS_SHOWN && (
              <p className="text-muted">{`and ${plural(keys.length - KEYS_SHOWN, 'more key')}`}</p>
            )}
          </>
        )}
        {store.CustomKeyStoreType === 'AWS_CLOUDHSM' && (
          <CodeLine
            text={`keyhold exec ${shellQuote(place.account)} -- aws kms create-key --region ${place.region} --origin AWS_CLOUDHSM --custom-key-store-id ${store.CustomKeyStoreId}`}
          />
        )}
      </Section>
    </>
  );
}
