import { CircleCheck, CircleX, HardDrive, Hourglass, Plug, Trash2, Unplug } from 'lucide-react';
import { asWireError } from '../../../api/error.ts';
import { byInstant, byText, type Filter, type Sort } from '../../../lib/list-model.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../../ui/callout.tsx';
import { CodeBlock, CopyButton } from '../../../ui/code.tsx';
import { DetailHead, Dot } from '../../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../../ui/facts.tsx';
import { ListPage } from '../../../ui/list-page.tsx';
import { EmptyState } from '../../../ui/states.tsx';
import { RelativeTime } from '../../../ui/time.tsx';
import { useTokens } from '../../hsm/hsm-queries.ts';
import { RecordLink } from '../../shell/record-link.tsx';
import { keyTitle } from '../key-words.ts';
import { type KeyStore, kmsCall, type Place } from '../kms.ts';
import { useKeyStores, useKmsChange, useKmsKeys } from '../kms-queries.ts';
import { NoLocalAccount } from '../no-local-account.tsx';
import { usePlace } from '../place.ts';
import { PlacePicker } from '../place-picker.tsx';
import { createStoreCommand } from './create-store-command.ts';

type Row = KeyStore & { id: string };

const SORTS: readonly Sort<Row>[] = [
  { id: 'name', label: 'Name', compare: byText((store) => store.CustomKeyStoreName) },
  { id: 'newest', label: 'Newest first', compare: byInstant((store) => store.CreationDate) },
];
const FILTERS: readonly Filter<Row>[] = [];

const TYPES: Readonly<Record<KeyStore['CustomKeyStoreType'], string>> = {
  AWS_CLOUDHSM: 'PKCS#11 token',
  EXTERNAL_KEY_STORE: 'external key manager',
};

/** Custom key stores: keys whose material is in a token, or with an external key manager. */
export function KeyStoresScreen() {
  const choices = usePlace();
  const { place } = choices;
  const query = useKeyStores(place);
  const tokens = useTokens().data;
  if (place === null) return choices.known ? <NoLocalAccount title="Key stores" /> : null;
  const command = createStoreCommand(place, tokens?.[0]?.clusterId);
  return (
    <ListPage
      screen="key-stores"
      title="Key stores"
      noun="key store"
      query={query}
      scope={<PlacePicker choices={choices} />}
      text={(store) => `${store.CustomKeyStoreName} ${store.CustomKeyStoreId} ${TYPES[store.CustomKeyStoreType]}`}
      sorts={SORTS}
      filters={FILTERS}
      icon={<HardDrive size={16} />}
      row={(store) => (
        <span className="flex min-w-0 flex-1 items-center gap-2">
          <span className="min-w-0 flex-1 truncate font-medium">{store.CustomKeyStoreName}</span>
          <span className="shrink-0 text-muted">{TYPES[store.CustomKeyStoreType]}</span>
          {store.ConnectionState !== 'CONNECTED' && (
            <Unplug size={16} aria-label="not connected" className="shrink-0 text-warn-ink" />
          )}
        </span>
      )}
      detail={(store) => <KeyStoreDetail store={store} place={place} />}
      detailLabel={(store) => `Key store ${store.CustomKeyStoreName}`}
      empty={
        <EmptyState title={`No key stores in ${place.region}`} command={command}>
          In a key store, keys are made and kept by a real HSM or smart card, or by a key manager elsewhere. Without
          one, keys are in the HSM of this vault.
        </EmptyState>
      }
      bulk={[]}
    />
  );
}

function KeyStoreDetail({ store, place }: { store: Row; place: Place }) {
  const keys = (useKmsKeys(place).data ?? []).filter((key) => key.keyStore === store.CustomKeyStoreId);
  const id = { CustomKeyStoreId: store.CustomKeyStoreId };
  const connect = useKmsChange(() => kmsCall(place, 'ConnectCustomKeyStore', id));
  const disconnect = useKmsChange(() => kmsCall(place, 'DisconnectCustomKeyStore', id));
  const remove = useKmsChange(() => kmsCall(place, 'DeleteCustomKeyStore', id));
  const error = connect.error ?? disconnect.error ?? remove.error;
  const pending = connect.isPending || disconnect.isPending || remove.isPending;
  const connected = store.ConnectionState === 'CONNECTED';
  const proxy = store.XksProxyConfiguration;
  return (
    <>
      <DetailHead
        title={store.CustomKeyStoreName}
        badges={<StoreState state={store.ConnectionState} />}
        subtitle={
          <>
            <span>{TYPES[store.CustomKeyStoreType]}</span>
            <Dot />
            <span className="mono">{store.CustomKeyStoreId}</span>
          </>
        }
        actions={
          <>
            {connected ? (
              <Button
                icon={<Unplug size={16} aria-hidden="true" />}
                isDisabled={pending}
                onPress={() => disconnect.mutate(undefined)}
              >
                Disconnect
              </Button>
            ) : (
              <Button
                variant="primary"
                icon={<Plug size={16} aria-hidden="true" />}
                isDisabled={pending}
                onPress={() => connect.mutate(undefined)}
              >
                {connect.isPending ? 'Connecting…' : 'Connect'}
              </Button>
            )}
            <Button
              variant="danger-ghost"
              icon={<Trash2 size={16} aria-hidden="true" />}
              isDisabled={pending || connected}
              onPress={() => remove.mutate(undefined)}
            >
              Delete
            </Button>
          </>
        }
      />
      {(error !== null || store.ConnectionErrorCode !== undefined) && (
        <div className="flex max-w-192 flex-col gap-2 px-6 pb-4">
          {error !== null && <ErrorCallout error={asWireError(error)} />}
          {error === null && store.ConnectionErrorCode !== undefined && (
            <Callout tone="warning" title="It could not be connected">
              <code>{store.ConnectionErrorCode}</code>
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
              <span className="mono">{store.CloudHsmClusterId}</span>
              <RecordLink screen="hsm" id={null}>
                HSM
              </RecordLink>
            </Fact>
          )}
          {proxy !== undefined && (
            <Fact name="Proxy">
              <span className="mono break-all">{`${proxy.UriEndpoint ?? ''}${proxy.UriPath ?? ''}`}</span>
            </Fact>
          )}
          <Fact name="Created">
            <RelativeTime instant={store.CreationDate} />
          </Fact>
        </Facts>
      </Section>
      <Section title="Keys">
        {keys.length === 0 ? (
          <p className="text-muted">No key is in it yet.</p>
        ) : (
          <ul>
            {keys.slice(0, 50).map((key) => (
              <li key={key.id} className="flex min-h-8 items-center gap-3">
                <RecordLink screen="kms" id={key.id}>
                  {keyTitle(key)}
                </RecordLink>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="A key in it">
        <CodeBlock
          label="command"
          text={`keyhold exec ${place.account} -- aws kms create-key --region ${place.region} \\\n  --origin ${store.CustomKeyStoreType} --custom-key-store-id ${store.CustomKeyStoreId}`}
        />
      </Section>
    </>
  );
}

function StoreState({ state }: { state: KeyStore['ConnectionState'] }) {
  switch (state) {
    case 'CONNECTED':
      return (
        <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
          connected
        </Badge>
      );
    case 'FAILED':
      return (
        <Badge tone="bad" icon={<CircleX size={12} aria-hidden="true" />}>
          failed
        </Badge>
      );
    case 'DISCONNECTED':
      return (
        <Badge tone="warn" icon={<Unplug size={12} aria-hidden="true" />}>
          not connected
        </Badge>
      );
    default:
      return <Badge icon={<Hourglass size={12} aria-hidden="true" />}>{state.toLowerCase()}</Badge>;
  }
}
