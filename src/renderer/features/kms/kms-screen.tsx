import { KeySquare } from 'lucide-react';
import { useLayoutEffect } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { useAccounts } from '../../api/queries.ts';
import { byInstant, byText, type Filter, type Sort } from '../../lib/list-model.ts';
import { useRoute } from '../../lib/router.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { ListPage } from '../../ui/list-page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';
import { KmsKeyMark, OriginMark, UsageIcon } from './key-badges.tsx';
import { isRotationDue, keyTitle, longSpec, originWords, shortSpec, stateWords, usageWords } from './key-words.ts';
import { KmsKeyDetail } from './kms-key-detail.tsx';
import { useAllKmsKeys, useKmsKeys } from './kms-queries.ts';
import { NoLocalAccount } from './no-local-account.tsx';
import { goToPlace, usePlace } from './place.ts';
import { PlacePicker } from './place-picker.tsx';
import { useSetKeysEnabled } from './use-set-keys-enabled.ts';

const SORTS: readonly Sort<KmsKeySummary>[] = [
  // Keys without a name of their own come after those that have one.
  { id: 'name', label: 'Name', compare: byText((key) => `${key.aliases[0] ?? '\uffff'} ${key.keyId}`) },
  { id: 'rotation', label: 'Next rotation first', compare: byText((key) => key.rotation?.nextAt ?? '\uffff') },
  { id: 'newest', label: 'Newest first', compare: byInstant((key) => key.createdAt) },
  { id: 'used', label: 'Last used first', compare: byInstant((key) => key.lastUse?.at) },
  { id: 'spec', label: 'Spec', compare: byText((key) => key.spec) },
];

const PENDING: readonly KmsKeySummary['state'][] = [
  'PendingDeletion',
  'PendingReplicaDeletion',
  'PendingImport',
  'Unavailable',
];

const FILTERS: readonly Filter<KmsKeySummary>[] = [
  { id: 'encrypt', label: 'Encrypt', group: 'usage', keep: (key) => key.usage === 'ENCRYPT_DECRYPT' },
  { id: 'sign', label: 'Sign', group: 'usage', keep: (key) => key.usage === 'SIGN_VERIFY' },
  { id: 'mac', label: 'MAC', group: 'usage', keep: (key) => key.usage === 'GENERATE_VERIFY_MAC' },
  { id: 'imported', label: 'Imported', group: 'origin', keep: (key) => key.origin === 'EXTERNAL' },
  { id: 'store', label: 'Key store', group: 'origin', keep: (key) => key.keyStore !== undefined },
  { id: 'aws', label: 'AWS', group: 'origin', keep: (key) => key.manager === 'AWS' },
  { id: 'due', label: 'Due', group: 'state', keep: (key) => isRotationDue(key, Date.now()) },
  { id: 'disabled', label: 'Disabled', group: 'state', keep: (key) => key.state === 'Disabled' },
  { id: 'pending', label: 'Pending', group: 'state', keep: (key) => PENDING.includes(key.state) },
];

const searchText = (key: KmsKeySummary) =>
  [
    key.aliases.join(' '),
    key.keyId,
    key.description,
    key.spec,
    longSpec(key.spec),
    usageWords(key.usage),
    stateWords(key.state),
    ...key.tags.flatMap((tag) => [tag.key, tag.value]),
  ].join(' ');

export function KmsScreen() {
  const choices = usePlace();
  const { place } = choices;
  const query = useKmsKeys(place);
  const setEnabled = useSetKeysEnabled();
  useFollowRoute();

  if (place === null) return choices.known ? <NoLocalAccount title="KMS keys" /> : null;
  const create = () => openDialog({ kind: 'kms.create', place });
  return (
    <ListPage
      screen="kms"
      title="KMS keys"
      noun="key"
      query={query}
      scope={<PlacePicker choices={choices} />}
      scopeId={`${place.account}/${place.region}`}
      text={searchText}
      sorts={SORTS}
      filters={FILTERS}
      icon={<KeySquare size={16} />}
      row={(key) => <KmsKeyRow kmsKey={key} />}
      detail={(key) => <KmsKeyDetail kmsKey={key} />}
      detailLabel={(key) => `KMS key ${keyTitle(key)}`}
      onAdd={create}
      addLabel="Create"
      empty={<NoKeys account={place.account} region={place.region} onCreate={create} />}
      bulk={[
        { id: 'enable', label: 'Enable', run: (keys) => void setEnabled(keys, true) },
        { id: 'disable', label: 'Disable', run: (keys) => void setEnabled(keys, false) },
        {
          id: 'delete',
          label: 'Schedule deletion…',
          danger: true,
          run: (keys) => openDialog({ kind: 'kms.delete', keys }),
        },
      ]}
    />
  );
}

function NoKeys({ account, region, onCreate }: { account: string; region: string; onCreate: () => void }) {
  const name = useAccounts().data?.find((one) => one.name === account)?.name ?? account;
  return (
    <EmptyState
      title={`No keys in ${region}`}
      command={`keyhold exec ${shellQuote(name)} -- aws kms create-key --region ${region}`}
      action={
        <Button variant="primary" onPress={onCreate}>
          Create a key
        </Button>
      }
    >
      A KMS key encrypts, signs or authenticates for your tools and never leaves the HSM of this vault. Every Region has
      keys of its own.
    </EmptyState>
  );
}

/** A link may lead to a key of another account or Region than the one in view: the view goes along. */
function useFollowRoute(): void {
  const { id } = useRoute();
  const keys = useAllKmsKeys().data;
  const asked = keys?.find((key) => key.id === id);
  const account = asked?.account;
  const region = asked?.region;
  // Before the screen is painted, so that it never says that the key is not here. With another id too: the place may have been changed by hand since.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useLayoutEffect(() => {
    if (account !== undefined && region !== undefined) goToPlace({ account, region });
  }, [id, account, region]);
}

function KmsKeyRow({ kmsKey }: { kmsKey: KmsKeySummary }) {
  const now = useNow();
  const more = kmsKey.aliases.length - 1;
  const named = kmsKey.aliases.length > 0;
  return (
    <span
      className="flex min-w-0 flex-1 items-center gap-2"
      title={[longSpec(kmsKey.spec), usageWords(kmsKey.usage), originWords(kmsKey.origin).toLowerCase()].join(' · ')}
    >
      <span className={named ? 'min-w-0 truncate font-medium' : 'mono min-w-0 truncate text-muted'}>
        {keyTitle(kmsKey)}
      </span>
      {more > 0 && <span className="shrink-0 text-muted">+{more}</span>}
      <span className="flex-1" />
      <KmsKeyMark kmsKey={kmsKey} now={now} />
      <OriginMark kmsKey={kmsKey} />
      <span className="shrink-0 text-right text-muted">{shortSpec(kmsKey.spec)}</span>
      <UsageIcon usage={kmsKey.usage} />
    </span>
  );
}
