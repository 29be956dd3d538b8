import { Ellipsis, LockKeyholeOpen, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { SecurityKey } from '../../../../contract/mfa.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/code.tsx';
import { Fact, Facts } from '../../../ui/facts.tsx';
import { Menu } from '../../../ui/menu.tsx';
import { RelativeTime } from '../../../ui/time.tsx';
import { openDialog } from '../../dialogs/dialog-store.ts';
import { usesOf } from '../key-words.ts';
import { TestDialog } from '../test-dialog.tsx';
import { RemoveKeyDialog } from './remove-key-dialog.tsx';
import { RenameKeyDialog } from './rename-key-dialog.tsx';

type Open = 'test' | 'rename' | 'remove';

/** A key that the vault knows. */
export function KeyRow({ securityKey: key }: { securityKey: SecurityKey }) {
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  return (
    <li className="flex flex-col gap-1 border-t border-line px-4 py-2.5 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <div className="flex min-w-64 flex-1 flex-col">
          <span className="flex flex-wrap items-center gap-x-2 font-medium">
            {key.name}
            <span className="font-normal text-muted">{key.model}</span>
          </span>
          <span className="text-muted">
            {key.kind === 'fido2' ? 'FIDO2' : 'U2F'}
            {key.userVerification ? ' with PIN' : ', touch alone'}
            {' · '}
            {usesOf(key)}
            {' · '}
            {key.lastUsedAt === undefined ? (
              'never used'
            ) : (
              <>
                used <RelativeTime instant={key.lastUsedAt} />
              </>
            )}
          </span>
        </div>
        <span className="flex items-center gap-1">
          <Button size="compact" onPress={() => setOpen('test')}>
            Test<span className="sr-only"> {key.name}</span>
          </Button>
          <Menu
            label={`More for ${key.name}`}
            trigger={<IconButton label={`More for ${key.name}`} icon={<Ellipsis size={16} aria-hidden="true" />} />}
            actions={[
              ...(key.canUnlock
                ? [
                    {
                      id: 'unlock',
                      label: 'Unlock with it…',
                      icon: <LockKeyholeOpen size={16} aria-hidden="true" />,
                      run: () => openDialog({ kind: 'slot.addKey', key: key.name }),
                    },
                  ]
                : []),
              {
                id: 'rename',
                label: 'Rename…',
                icon: <Pencil size={16} aria-hidden="true" />,
                run: () => setOpen('rename'),
              },
              {
                id: 'remove',
                label: 'Remove…',
                icon: <Trash2 size={16} aria-hidden="true" />,
                danger: true,
                run: () => setOpen('remove'),
              },
            ]}
          />
        </span>
      </div>
      <details className="text-muted">
        <summary className="w-fit rounded-control outline-none focus-visible:focus-ring">
          Details<span className="sr-only"> of {key.name}</span>
        </summary>
        <div className="py-2">
          <KeyFacts securityKey={key} />
        </div>
      </details>
      {open === 'test' && <TestDialog securityKey={key} onClose={close} />}
      {open === 'rename' && <RenameKeyDialog securityKey={key} onClose={close} />}
      {open === 'remove' && <RemoveKeyDialog securityKey={key} onClose={close} />}
    </li>
  );
}

function KeyFacts({ securityKey: key }: { securityKey: SecurityKey }) {
  return (
    <Facts>
      <Fact name="Enrolled">
        <RelativeTime instant={key.createdAt} />
      </Fact>
      <Fact name="Credential">
        <span className="mono max-w-88 truncate" title={key.credentialId}>
          {key.credentialId}
        </span>
        <CopyButton text={key.credentialId} label={`Copy the credential id of ${key.name}`} />
      </Fact>
      {key.aaguid !== null && (
        <Fact name="Model id">
          <span className="mono">{key.aaguid}</span>
        </Fact>
      )}
      <Fact name="Says it is">
        <span>{key.attestation}</span>
      </Fact>
      {key.alwaysPin === true && (
        <Fact name="Touch">
          <span>Does nothing without its PIN, so no gate can use it</span>
        </Fact>
      )}
      <Fact name="Signatures">
        {key.signCount === 0 ? 'It does not count them' : <span className="tabular-nums">{key.signCount}</span>}
      </Fact>
    </Facts>
  );
}
