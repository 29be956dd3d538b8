import { HardDrive, Unplug } from 'lucide-react';
import { byInstant, byText, type Filter, type Sort } from '../../../lib/list-model.ts';
import { Button } from '../../../ui/button.tsx';
import { ListPage } from '../../../ui/list-page.tsx';
import { EmptyState } from '../../../ui/states.tsx';
import { openDialog } from '../../dialogs/dialog-store.ts';
import { useTokens } from '../../hsm/hsm-queries.ts';
import type { KeyStore } from '../kms.ts';
import { useKeyStores } from '../kms-queries.ts';
import { NoLocalAccount } from '../no-local-account.tsx';
import { usePlace } from '../place.ts';
import { PlacePicker } from '../place-picker.tsx';
import { createStoreCommand } from './create-store-command.ts';
import { KeyStoreDetail } from './key-store-detail.tsx';
import { STORE_TYPES } from './store-types.ts';

type Row = KeyStore & { id: string };

const SORTS: readonly Sort<Row>[] = [
  { id: 'name', label: 'Name', compare: byText((store) => store.CustomKeyStoreName) },
  { id: 'newest', label: 'Newest first', compare: byInstant((store) => store.CreationDate) },
];
const FILTERS: readonly Filter<Row>[] = [
  { id: 'tokens', label: 'Tokens', group: 'type', keep: (store) => store.CustomKeyStoreType === 'AWS_CLOUDHSM' },
  {
    id: 'external',
    label: 'External',
    group: 'type',
    keep: (store) => store.CustomKeyStoreType === 'EXTERNAL_KEY_STORE',
  },
  { id: 'off', label: 'Not connected', group: 'state', keep: (store) => store.ConnectionState !== 'CONNECTED' },
];

/** Custom key stores: keys whose material is in a token, or with an external key manager. */
export function KeyStoresScreen() {
  const choices = usePlace();
  const { place } = choices;
  const query = useKeyStores(place);
  const tokens = useTokens().data;
  if (place === null) return choices.known ? <NoLocalAccount title="Key stores" /> : null;
  const create = () => openDialog({ kind: 'kms.store', place });
  const command = createStoreCommand(place, tokens?.[0]?.clusterId);
  return (
    <ListPage
      screen="key-stores"
      title="Key stores"
      noun="key store"
      query={query}
      scope={<PlacePicker choices={choices} />}
      scopeId={`${place.account}/${place.region}`}
      text={(store) => `${store.CustomKeyStoreName} ${store.CustomKeyStoreId} ${STORE_TYPES[store.CustomKeyStoreType]}`}
      sorts={SORTS}
      filters={FILTERS}
      icon={<HardDrive size={16} />}
      row={(store) => (
        <span className="flex min-w-0 flex-1 items-center gap-2">
          <span className="min-w-0 flex-1 truncate font-medium">{store.CustomKeyStoreName}</span>
          <span className="shrink-0 text-muted">{STORE_TYPES[store.CustomKeyStoreType]}</span>
          {store.ConnectionState !== 'CONNECTED' && (
            <Unplug size={16} aria-label="not connected" className="shrink-0 text-warn-ink" />
          )}
        </span>
      )}
      detail={(store) => <KeyStoreDetail store={store} place={place} />}
      detailLabel={(store) => `Key store ${store.CustomKeyStoreName}`}
      empty={
        <EmptyState
          title={`No key stores in ${place.region}`}
          command={command}
          action={
            <Button variant="primary" onPress={create}>
              Create a key store
            </Button>
          }
        >
          In a key store, keys are made and kept by a real HSM or smart card, or by a key manager elsewhere. Without
          one, keys are in the HSM of this vault.
        </EmptyState>
      }
      onAdd={create}
      bulk={[]}
    />
  );
}
