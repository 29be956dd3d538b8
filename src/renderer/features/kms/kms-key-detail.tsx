import { Ban, CircleCheck, Ellipsis, FileLock, HardDrive, Pencil, Trash2, Undo2, Upload } from 'lucide-react';
import { useState } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { formatDate } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Menu, type MenuAction } from '../../ui/menu.tsx';
import { DetailTabs } from '../../ui/tabs.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { notify } from '../../ui/toast-store.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { DescriptionDialog } from './description-dialog.tsx';
import { GrantsTab } from './grants-tab.tsx';
import { KmsKeyBadges } from './key-badges.tsx';
import { encrypts, keyTitle, longSpec, usageWords } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, useKmsChange } from './kms-queries.ts';
import { MaterialTab } from './material-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { tryKey } from './playground/draft.ts';
import { usePolicyDraft } from './policy-drafts.ts';
import { PolicyTab } from './policy-tab.tsx';
import { useSetKeysEnabled } from './use-set-keys-enabled.ts';

export function KmsKeyDetail({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const edited = usePolicyDraft(key.id) !== undefined;
  const now = useNow();
  const [describing, setDescribing] = useState(false);
  const setEnabled = useSetKeysEnabled();
  const cancel = useKmsChange(() => kmsCall(placeOf(key), 'CancelKeyDeletion', { KeyId: key.keyId }));
  const keep = () =>
    cancel.mutate(undefined, {
      onSuccess: () =>
        notify({
          message: 'The key stays. It is disabled until you enable it.',
          action: { label: 'Enable', run: () => void setEnabled([{ ...key, state: 'Disabled' }], true) },
        }),
    });
  const own = key.manager === 'CUSTOMER';
  const pendingDeletion = key.state === 'PendingDeletion' || key.state === 'PendingReplicaDeletion';

  const actions: MenuAction[] = [
    ...(key.state === 'Enabled' || key.state === 'Disabled'
      ? [
          {
            id: 'state',
            label: key.state === 'Enabled' ? 'Disable' : 'Enable',
            icon:
              key.state === 'Enabled' ? (
                <Ban size={16} aria-hidden="true" />
              ) : (
                <CircleCheck size={16} aria-hidden="true" />
              ),
            run: () => void setEnabled([key], key.state !== 'Enabled'),
          },
        ]
      : []),
    {
      id: 'description',
      label: 'Edit the description…',
      icon: <Pencil size={16} aria-hidden="true" />,
      isDisabled: pendingDeletion,
      run: () => setDescribing(true),
    },
    {
      id: 'delete',
      label: 'Schedule deletion…',
      danger: true,
      isDisabled: pendingDeletion,
      icon: <Trash2 size={16} aria-hidden="true" />,
      run: () => openDialog({ kind: 'kms.delete', keys: [key] }),
    },
  ];

  return (
    <>
      <DetailHead
        title={keyTitle(key)}
        badges={<KmsKeyBadges kmsKey={key} now={now} />}
        subtitle={
          <>
            <span>{longSpec(key.spec)}</span>
            <Dot />
            <span>{usageWords(key.usage)}</span>
            <Dot />
            {key.lastUse === undefined ? (
              <span>never used</span>
            ) : (
              <span>
                used <RelativeTime instant={key.lastUse.at} />
              </span>
            )}
          </>
        }
        actions={
          <>
            {pendingDeletion ? (
              <Button
                variant="primary"
                icon={<Undo2 size={16} aria-hidden="true" />}
                isDisabled={cancel.isPending}
                onPress={keep}
              >
                Cancel the deletion
              </Button>
            ) : key.origin === 'EXTERNAL' && key.state === 'PendingImport' ? (
              <Button
                variant="primary"
                icon={<Upload size={16} aria-hidden="true" />}
                onPress={() => openDialog({ kind: 'kms.import', key })}
              >
                Import material
              </Button>
            ) : (
              encrypts(key) && (
                <Button
                  variant="primary"
                  icon={<FileLock size={16} aria-hidden="true" />}
                  onPress={() => {
                    tryKey(key);
                    navigate('encrypt');
                  }}
                >
                  Encrypt or decrypt
                </Button>
              )
            )}
            {own && (
              <Menu
                label={`More for ${keyTitle(key)}`}
                trigger={
                  <IconButton label="More" className="size-8" icon={<Ellipsis size={16} aria-hidden="true" />} />
                }
                actions={actions}
              />
            )}
          </>
        }
      />
      {(pendingDeletion || cancel.isError || key.state === 'PendingImport' || key.state === 'Unavailable') && (
        <div className="flex max-w-192 flex-col gap-2 px-6 pb-4">
          {cancel.isError && <ErrorCallout error={asWireError(cancel.error)} />}
          <Waiting kmsKey={key} />
        </div>
      )}
      <DetailTabs
        label={`Parts of ${keyTitle(key)}`}
        tabs={[
          { id: 'overview', label: 'Overview', content: <OverviewTab kmsKey={key} /> },
          { id: 'policy', label: edited ? 'Policy (not saved)' : 'Policy', content: <PolicyTab kmsKey={key} /> },
          {
            id: 'grants',
            label: key.grants === 0 ? 'Grants' : `Grants ${key.grants.toLocaleString('en-US')}`,
            content: <GrantsTab kmsKey={key} />,
          },
          ...(key.rotatable || key.origin === 'EXTERNAL'
            ? [
                {
                  id: 'material',
                  label: key.rotatable ? 'Rotation' : 'Material',
                  content: <MaterialTab kmsKey={key} />,
                },
              ]
            : []),
        ]}
      />
      {describing && <DescriptionDialog kmsKey={key} onClose={() => setDescribing(false)} />}
    </>
  );
}

/** What a key that cannot be used waits for, and what can be done about it. */
function Waiting({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  switch (key.state) {
    case 'PendingDeletion':
      return (
        <Callout
          tone="warning"
          title={key.deletesAt === undefined ? 'Will be deleted' : `Will be deleted on ${formatDate(key.deletesAt)}`}
        >
          Until then it can be neither used nor changed, and the deletion can be cancelled. After that, nothing that was
          encrypted under it can be read.
        </Callout>
      );
    case 'PendingReplicaDeletion':
      return (
        <Callout tone="warning" title="Waits for its replicas">
          Its own waiting period begins when the last replica ({key.otherRegions.join(', ') || 'none left'}) is gone.
        </Callout>
      );
    case 'PendingImport':
      return (
        <Callout tone="warning" title="Has no key material">
          The key cannot be used until its material is imported. Material that expired or was deleted can be imported
          again.
        </Callout>
      );
    case 'Unavailable':
      return (
        <Callout
          tone="warning"
          title="Its key store is not connected"
          actions={
            <Button
              size="compact"
              icon={<HardDrive size={16} aria-hidden="true" />}
              onPress={() => navigate('key-stores')}
            >
              Go to the key store
            </Button>
          }
        >
          The material is kept there, so the key can be used again as soon as the store is connected.
        </Callout>
      );
    default:
      return null;
  }
}
