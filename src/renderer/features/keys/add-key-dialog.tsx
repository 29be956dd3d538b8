import { useState } from 'react';
import { useAccounts } from '../../api/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogBody } from '../../ui/dialog.tsx';
import { EmptyState, RowsSkeleton } from '../../ui/states.tsx';
import { AccountForm } from '../accounts/account-dialog.tsx';
import { ImportKeyFile } from './import-key-file.tsx';
import { TypeKeyForm } from './type-key-form.tsx';

/** Puts an access key into the vault: typed, pasted, or from a file. Makes the first account on the way if there is none. */
export function AddKeyDialog({ account, onClose }: { account?: string; onClose: () => void }) {
  const accounts = useAccounts();
  const [way, setWay] = useState<'type' | 'file'>('type');
  const [chosen, setChosen] = useState<string | null>(account ?? null);
  const [making, setMaking] = useState(false);
  // A local account has no access keys: its clients have keys of Keyhold's own.
  const remote = accounts.data?.filter((one) => one.kind === 'remote') ?? [];
  const first = remote.length === 0;

  if (accounts.data === undefined) {
    return (
      <Dialog title="Add an access key" isOpen onClose={onClose}>
        <DialogBody>
          {accounts.isError ? (
            <EmptyState
              title="The accounts could not be read"
              action={<Button onPress={() => void accounts.refetch()}>Try again</Button>}
            />
          ) : (
            <RowsSkeleton rows={4} />
          )}
        </DialogBody>
      </Dialog>
    );
  }
  if (first || making) {
    return (
      <Dialog
        title={first ? 'First, the account' : 'Add an account'}
        isOpen
        onClose={first ? onClose : () => setMaking(false)}
      >
        <AccountForm
          {...(first ? { lead: 'An access key belongs to an AWS account. Name it once; the key comes next.' } : {})}
          submitLabel={first ? 'Next: the key' : 'Add account'}
          onCancel={first ? onClose : () => setMaking(false)}
          onDone={(made) => {
            setChosen(made.name);
            setMaking(false);
          }}
        />
      </Dialog>
    );
  }
  const only = remote.length === 1 ? (remote[0]?.name ?? null) : null;
  const shared = {
    accounts: remote,
    account: chosen ?? only,
    onAccount: setChosen,
    onNewAccount: () => setMaking(true),
    onClose,
  };
  return (
    <Dialog title="Add an access key" isOpen onClose={onClose}>
      {way === 'type' ? (
        <TypeKeyForm {...shared} onFile={() => setWay('file')} />
      ) : (
        <ImportKeyFile {...shared} onType={() => setWay('type')} />
      )}
    </Dialog>
  );
}
