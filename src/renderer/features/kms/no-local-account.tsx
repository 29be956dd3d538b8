import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { openDialog } from '../dialogs/dialog-store.ts';

/** What the screens of local services show while no account lives in the vault. */
export function NoLocalAccount({ title }: { title: string }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex h-13 shrink-0 items-center px-4">
        <h1 className="text-title font-semibold">{title}</h1>
      </header>
      <EmptyState
        title="First, a local account"
        command="keyhold account add lab --local --id 123456789012"
        action={
          <Button variant="primary" onPress={() => openDialog({ kind: 'account.add', local: true })}>
            Add a local account
          </Button>
        }
      >
        A local account lives in this vault, not at AWS. It has a KMS of its own, which works offline and answers the
        AWS CLI and SDKs as AWS does.
      </EmptyState>
    </div>
  );
}
